import { lstatSync, readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { firstOf } from "../text/first-of.ts";
import { shortText } from "../text/sanitize.ts";

/** The maximum number of files to name. Readers do not read more. */
const maxNamed = 10;

/** Files of a project that are neither a state nor a declaration, although their names end alike. */
const ofProject = /^(?:package(?:-lock)?\.json|tsconfig.*\.json|Pulumi(?:\..+)?\.yaml)$/;

/** A file to read: its name as the caller gave it, and in words. */
export interface GivenFile {
    readonly cwd: string;
    readonly path: string;
    /** Comes before the name, such as "the state ". */
    readonly what?: string;
    /** The names of the files that could be meant. */
    readonly like: RegExp;
}

/** Why a file cannot be read. If there is no such file, names the files that could be meant. */
export function describeUnreadable({ cwd, path, what = "", like }: GivenFile, error: unknown): string {
    const { code } = error as NodeJS.ErrnoException;
    const full = resolve(cwd, path);
    const hint =
        code !== "ENOENT" ? "" : isLink(full) ? linkToNothing : `, there is no such file. ${whatIsThere(full, like)}`;
    return `${what}${path} cannot be read: ${code}${hint}`;
}

const linkToNothing = ", it is a link to a file that does not exist";

function isLink(full: string): boolean {
    return lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function whatIsThere(missing: string, like: RegExp): string {
    const folder = dirname(missing);
    const names = filesIn(folder);
    if (names === undefined) {
        return `There is no folder ${shortText(folder)} either`;
    }
    const alike = names.filter((name) => like.test(name) && !ofProject.test(name)).sort();
    const shown = shortText(basename(folder) || folder, 60);
    return alike.length === 0
        ? `The folder ${shown} has no file of that kind`
        : `The folder ${shown} has: ${firstOf(alike, maxNamed, (name) => shortText(name, 80)).join(", ")}`;
}

function filesIn(folder: string): string[] | undefined {
    try {
        return readdirSync(folder, { withFileTypes: true })
            .filter((entry) => !entry.isDirectory())
            .map(({ name }) => name);
    } catch {
        return undefined;
    }
}
