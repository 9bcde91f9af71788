import { createHash } from "node:crypto";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import { declarationText } from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { checkSetInputs, entriesOf, type SetEntry, setDigest } from "../../provider/schema/set-inputs.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { CliError, wrongValue } from "../exit-codes.ts";
import { declarationBytes, parseGivenDeclaration } from "../given-declaration.ts";

/** A declaration as `pulumi up` would read it, with its digest and the hash of its file. */
export interface ApplyInputs {
    /** Checked inputs of a set. */
    readonly inputs: Properties;
    readonly entries: ReadonlyMap<string, SetEntry>;
    readonly digest: string;
    readonly fileSha256: string;
    /** Lines about texts that a comment in the file may have cut. */
    readonly warnings: readonly string[];
}

/** The reason for applying the declaration by hand, and the set that declares it. */
export interface ApplyReason {
    readonly reason: string;
    /** "project/stack/name". */
    readonly declaredBy: string;
}

/**
 * Reads a declaration file for an apply by hand. The reason becomes part of the cancellation's comment, so that
 * Defender shows that no pipeline sent the request. The digest and the tag remain those of the file.
 */
export function readApplyInputs(cwd: string, shownPath: string, { reason, declaredBy }: ApplyReason): ApplyInputs {
    const bytes = declarationBytes(cwd, shownPath);
    const { declaration, warnings } = parseGivenDeclaration(declarationText(bytes, shownPath), shownPath);
    const { comment, ...declared } = argumentsOf(declaration);
    const { inputs, failures } = checkSetInputs({
        ...declared,
        comment: `${comment} (applied by hand: ${reason})`,
        declaredBy,
    });
    if (failures.length > 0) {
        throw new CliError(`${shownPath}: ${failures.map((failure) => failure.reason).join("; ")}`);
    }
    const entries = entriesOf(inputs);
    const fileSha256 = createHash("sha256").update(bytes).digest("hex");
    return { inputs, entries, digest: setDigest(entries), fileSha256, warnings };
}

/** Checks the reason, without which Defender and the evidence would not say why no pipeline sent the request. */
export function parseReason(text: string): string {
    if (text.trim() === "") {
        throw wrongValue("a text that says why");
    }
    return text;
}

/**
 * Checks the name of a resource in a program. The tag in Defender shows this name, and the next `up` uses it to
 * recognise this package's own cancellations.
 */
export function parseDeclaredBy(text: string): string {
    const parts = text.split("/");
    if (parts.length !== 3 || parts.some((part) => part.trim() === "") || /[[\]]/.test(text) || isDeceptive(text)) {
        throw wrongValue(
            "PROJECT/STACK/NAME: the Pulumi project, its stack and the name of the set that loads this file",
        );
    }
    return text;
}
