import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { declarationDigest, shortDigest } from "../../provider/model/declaration.ts";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import {
    declarationName,
    declarationText,
    parseDeclaration,
} from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Declaration } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { checkSetInputs, entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import { isSearched } from "../../provider/system/missing-file.ts";
import { unreadableFile } from "../missing-file.ts";
import { isEvidence } from "../state/apply-record.ts";
import { entriesOfState } from "../state/records.ts";
import { resourcesOf, stateText } from "../state/stack-state.ts";
import { type Cover, coversOfEntry } from "./cover.ts";

/**
 * The declarations in a file or in the files of a folder: declaration files, and the evidence of applies by hand. Any
 * other file is an error, because its declarations would count as missing.
 */
export function coversOfFiles(path: string, cwd: string): [id: string, cover: Cover][] {
    return filesIn(resolve(cwd, path), path, cwd).flatMap(([full, shown]): [string, Cover][] => {
        const bytes = withFile(shown, cwd, () => readFileSync(full));
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

/**
 * An error names the file or folder that cannot be read, which may be deep in the given one. `above`: the folders on the
 * way. A link to one of them is not followed: two such links would make the number of ways grow without an end.
 */
function filesIn(
    full: string,
    shown: string,
    cwd: string,
    above: readonly string[] = [],
): [full: string, shown: string][] {
    if (!isFolder(full, shown, cwd)) {
        return [[full, shown]];
    }
    const real = withFile(shown, cwd, () => realpathSync(full));
    if (above.includes(real)) {
        return [];
    }
    return withFile(shown, cwd, () => readdirSync(full, { withFileTypes: true }))
        .filter(({ name }) => isSearched(name))
        .sort((one, other) => (one.name < other.name ? -1 : 1))
        .flatMap((entry) => {
            const inner: [full: string, shown: string] = [join(full, entry.name), join(shown, entry.name)];
            // Other links are followed.
            return isFolder(...inner, cwd)
                ? filesIn(...inner, cwd, [...above, real])
                : declarationName.test(entry.name)
                  ? [inner]
                  : [];
        });
}

function isFolder(full: string, shown: string, cwd: string): boolean {
    return withFile(shown, cwd, () => statSync(full)).isDirectory();
}

function withFile<Result>(path: string, cwd: string, work: () => Result): Result {
    try {
        return work();
    } catch (error) {
        throw unreadableFile({ cwd, path, like: declarationName, orFolder: true }, error);
    }
}
