import { readFileSync } from "node:fs";

/** The JSON of a file. Throws an error that says why the file cannot be read, or where it is not JSON. */
export function readJsonFile(file: string): unknown {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        throw new Error(reasonOf(error as NodeJS.ErrnoException), { cause: error });
    }
    try {
        return JSON.parse(text);
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SyntaxError(`the file is not valid JSON: ${reason}`, { cause: error });
    }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
    switch (code) {
        case "ENOENT":
            return "there is no such file: check the path";
        case "EISDIR":
            return "this is a folder, a JSON file is expected";
        case "EACCES":
            return "this user may not read the file";
        default:
            return message;
    }
}
