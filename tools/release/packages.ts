import { readFileSync } from "node:fs";
import { join } from "node:path";

const root: string = join(import.meta.dirname, "../..");

/** The packages that are released together, by their folders in the clone. */
export const packageFolders = [".", "simulator"] as const;

export type PackageFolder = (typeof packageFolders)[number];

/** Packages of the SDK that the plugin's service imports too. Their ranges are those of the SDK, so that both use one copy. */
export const fromSdk = ["@grpc/grpc-js", "google-protobuf"] as const;

/** The fields that are read from a package.json. */
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly license: string;
    readonly engines: { readonly node: string };
    /** Patterns of what is packed. */
    readonly files: readonly string[];
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
    readonly repository?: unknown;
    readonly devDependencies?: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
}

/** A package of the lock file, as npm writes it. */
export interface Locked {
    readonly version?: string;
    readonly license?: string;
    readonly hasInstallScript?: boolean;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The packages by their paths in the lock file. */
export type LockedPackages = Readonly<Record<string, Locked>>;

/** A file of one of the packages. */
export function fileOf(folder: PackageFolder, name: string): string {
    return join(root, folder, name);
}

export function manifestOf(folder: PackageFolder): Manifest {
    return JSON.parse(readFileSync(fileOf(folder, "package.json"), "utf8")) as Manifest;
}

/** The packages that npm installs with a package, in the versions of the lock file; no peers, no devDependencies. */
export function installedWith(folder: PackageFolder): LockedPackages {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
        readonly packages: LockedPackages;
    };
    const found: Record<string, Locked> = {};
    const visit = (path: string, { dependencies, optionalDependencies }: Locked) => {
        for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
            const place = placeOf(name, path, packages);
            const locked = packages[place];
            if (locked !== undefined && found[place] === undefined) {
                found[place] = locked;
                visit(place, locked);
            }
        }
    };
    visit(folder === "." ? "" : folder, manifestOf(folder));
    return found;
}

/** The path at which Node finds a dependency of the package in this path: in the nearest node_modules. */
function placeOf(name: string, path: string, packages: LockedPackages): string {
    const nearest = path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`;
    if (packages[nearest] !== undefined || path === "") {
        return nearest;
    }
    const end = path.lastIndexOf("node_modules/");
    return placeOf(name, end <= 0 ? "" : path.slice(0, end - 1), packages);
}

/** The name of the package in a path of the lock file. */
export function nameIn(path: string): string {
    return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}
