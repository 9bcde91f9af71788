import { crc32, deflateRawSync } from "node:zlib";

const [localHeader, centralHeader, endOfDirectory] = [0x04034b50, 0x02014b50, 0x06054b50];
const version = 20;
const [utf8Names, deflated] = [0x0800, 8];
/** 1 January 1980, the first date of the format: the archives carry no dates of their own. */
const firstDate = 0x0021;

/** A zip archive of text files; the keys are their paths, with slashes. */
export function zipArchive(files: Readonly<Record<string, string>>): Buffer {
    const entries: Buffer[] = [];
    const directory: Buffer[] = [];
    let offset = 0;
    for (const [path, text] of Object.entries(files)) {
        const name = Buffer.from(path);
        const content = Buffer.from(text);
        const data = deflateRawSync(content);
        const common = Buffer.alloc(26);
        common.writeUInt16LE(version, 0);
        common.writeUInt16LE(utf8Names, 2);
        common.writeUInt16LE(deflated, 4);
        common.writeUInt16LE(firstDate, 8);
        common.writeUInt32LE(crc32(content), 10);
        common.writeUInt32LE(data.length, 14);
        common.writeUInt32LE(content.length, 18);
        common.writeUInt16LE(name.length, 22);
        const entry = Buffer.concat([unsigned32(localHeader), common, name, data]);
        // Between the common fields and the offset: comment, disk number and attributes, all zero.
        const gap = Buffer.alloc(10);
        entries.push(entry);
        directory.push(
            Buffer.concat([unsigned32(centralHeader), unsigned16(version), common, gap, unsigned32(offset), name]),
        );
        offset += entry.length;
    }
    const list = Buffer.concat(directory);
    const count = unsigned16(directory.length);
    const end = [unsigned32(endOfDirectory), Buffer.alloc(4), count, count];
    return Buffer.concat([...entries, list, ...end, unsigned32(list.length), unsigned32(offset), Buffer.alloc(2)]);
}

function unsigned16(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes;
}

function unsigned32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
}
