import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { declarationDigest, shortDigest } from "../../provider/model/declaration.ts";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import { declarationText, parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Declaration } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { isObject } from "../../provider/schema/input-rules.ts";
import { checkSetInputs, entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import { CliError } from "../exit-codes.ts";
import { isApplyJournal } from "../state/apply-record.ts";
import { entriesOfState } from "../state/records.ts";
import { resourcesOf, stateText } from "../state/stack-state.ts";
import { type Cover, coversOfEntry } from "./cover.ts";

const extensions = /\.(?:ya?ml|json)$/i;

/**
 * The declarations in a file or in the files of a folder: declaration files, and the evidence of applies by hand. Any
 * other file is an error, because its declarations would count as missing.
 */
export function coversOfFiles(path: string, cwd: string): [id: string, cover: Cover][] {
    return filesIn(resolve(cwd, path), path).flatMap(([full, shown]): [string, Cover][] => {
        const bytes = read(full, shown);
        const text = stateText(bytes, shown);
        return isEvidence(text)
            ? entriesOfState(resourcesOf(text, shown)).flatMap((entry) => coversOfEntry(entry, shown))
            : coversOfDeclaration(parseDeclaration(declarationText(bytes, shown), shown).declaration, shown);
    });
}

/**
 * A program may declare the whole file as one set, or each entry as a single cancellation, which has its own digest.
 */
function coversOfDeclaration(declaration: Declaration, where: string): [id: string, cover: Cover][] {
    const { inputs } = checkSetInputs({ ...argumentsOf(declaration) });
    const entries = entriesOf(inputs);
    const digest = shortDigest(setDigest(entries));
    const { notAfter } = declaration;
    return [...entries].map(([id, { declared }]) => {
        const digests = new Set([digest, shortDigest(declarationDigest([declared]))]);
        return [id, { where, file: { digests, notAfter } }];
    });
}

function filesIn(full: string, shown: string): [full: string, shown: string][] {
    if (!isFolder(full, shown)) {
        return [[full, shown]];
    }
    return readdirSync(full, { withFileTypes: true })
        .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
        .sort((one, other) => (one.name < other.name ? -1 : 1))
        .flatMap((entry) => {
            const inner: [string, string] = [join(full, entry.name), join(shown, entry.name)];
            // Links are followed.
            return isFolder(...inner) ? filesIn(...inner) : extensions.test(entry.name) ? [inner] : [];
        });
}

function isFolder(full: string, shown: string): boolean {
    try {
        return statSync(full).isDirectory();
    } catch (error) {
        throw unreadable(shown, error);
    }
}

function read(full: string, shown: string): Buffer {
    try {
        return readFileSync(full);
    } catch (error) {
        throw unreadable(shown, error);
    }
}

function unreadable(shown: string, error: unknown): CliError {
    return new CliError(`${shown} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
}

function isEvidence(text: string): boolean {
    if (isApplyJournal(text)) {
        return true;
    }
    if (!text.trimStart().startsWith("{")) {
        return false;
    }
    try {
        const value: unknown = JSON.parse(text);
        return isObject(value) && value.kind === "defender-cancellation apply";
    } catch {
        return false;
    }
}
