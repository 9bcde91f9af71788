import { isGuid } from "../provider/model/machine-action.ts";
import { type DeclarationFile, parseDeclaration } from "../provider/schema/declaration-file/declaration-file.ts";
import { CliError, wrongValue } from "./exit-codes.ts";
import { isEvidence } from "./state/apply-record.ts";
import { commandName } from "./typed-command.ts";

/** Parses the argument that names a declaration file, in whose place the id of an action is easily given. */
export function declarationFile(text: string): string {
    if (isGuid(text)) {
        throw wrongValue(`the name of a file: \`${commandName} declare FILE --id ${text}\` writes one`);
    }
    return text;
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
