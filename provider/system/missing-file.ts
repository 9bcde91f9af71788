import { type Dirent, lstatSync, readdirSync } from "node:fs";
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
    /** Whether a folder can be given too. */
    readonly orFolder?: boolean;
}

/** Why a file cannot be read. If there is no such file, names those that could be meant. */
export function describeUnreadable(
    { cwd, path, what = "", like, orFolder = false }: GivenFile,
    error: unknown,
): string {
    const { code } = error as NodeJS.ErrnoException;
    const full = resolve(cwd, path);
    const hint =
        code !== "ENOENT"
            ? ""
            : isLink(full)
              ? linkToNothing
              : `, there is no such file${orFolder ? " or folder" : ""}. ${whatIsThere(full, { cwd, like, orFolder })}`;
    return `${what}${path} cannot be read: ${code}${hint}`;
}

const linkToNothing = ", it is a link to a file that does not exist";

function isLink(full: string): boolean {
    return lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function whatIsThere(
    missing: string,
    { cwd, like, orFolder }: Required<Pick<GivenFile, "cwd" | "like" | "orFolder">>,
): string {
    const folder = dirname(missing);
    const entries = entriesIn(folder);
    if (entries === undefined) {
        return `There is no folder ${shortText(folder)} either`;
    }
    const files = entries.filter(
        (entry) => !entry.isDirectory() && like.test(entry.name) && !ofProject.test(entry.name),
    );
    const folders = orFolder ? entries.filter((entry) => entry.isDirectory() && isSearched(entry.name)) : [];
    const names = [...files.map(({ name }) => name), ...folders.map(({ name }) => `${name}/`)].sort();
    // Its name could be that of the missing folder.
    const shown = folder === resolve(cwd) ? "current folder" : `folder ${shortText(basename(folder) || folder, 60)}`;
    return names.length === 0
        ? `The ${shown} has no file of that kind${orFolder ? ", and no folder" : ""}`
        : `The ${shown} has: ${firstOf(names, maxNamed, (name) => shortText(name, 80)).join(", ")}`;
}

/** Whether a search for files in a folder takes the file or folder of this name. */
export function isSearched(name: string): boolean {
    return !name.startsWith(".") && name !== "node_modules";
}

function entriesIn(folder: string): Dirent[] | undefined {
    try {
        return readdirSync(folder, { withFileTypes: true });
    } catch {
        return undefined;
    }
}
