import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isGuid } from "../provider/model/machine-action.ts";
import {
    type DeclarationFile,
    givenDeclaration,
    parseDeclaration,
} from "../provider/schema/declaration-file/declaration-file.ts";
import { CliError, wrongValue } from "./exit-codes.ts";
import { unreadableFile } from "./missing-file.ts";
import { isEvidence } from "./state/apply-record.ts";
import { commandName } from "./typed-command.ts";

/** Parses the argument that names a declaration file, in whose place the id of an action is easily given. */
export function declarationFile(text: string): string {
    if (isGuid(text)) {
        throw wrongValue(`the name of a file: \`${commandName} declare FILE --id ${text}\` writes one`);
    }
    return text;
}

/** The content of a declaration file. If there is no such file, the error names those that could be meant. */
export function declarationBytes(cwd: string, path: string): Buffer {
    try {
        return readFileSync(resolve(cwd, path));
    } catch (error) {
        throw unreadableFile(givenDeclaration(cwd, path), error);
    }
}

/** Reads the text of a declaration file; `path` names it in errors. The evidence of an apply has an error of its own. */
export function parseGivenDeclaration(text: string, path: string): DeclarationFile {
    if (isEvidence(text)) {
        throw new CliError(
            `${path} is the evidence of an apply, not a declaration file: \`${commandName} report --state ${path}\` ` +
                "shows it",
        );
    }
    return parseDeclaration(text, path);
}
