import { createHash } from "node:crypto";

/**
 * A UUID that depends only on the given values, so that the same event has the same id each time it is read. It is of
 * version 8, whose contents are free (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8): the beginning of a
 * SHA-256.
 */
export function stableId(values: readonly (string | number | undefined)[]): string {
    const bytes = createHash("sha256")
        .update(JSON.stringify(values.map((value) => value ?? null)))
        .digest()
        .subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
