// Writes THIRD-PARTY-LICENSES.md from the lock file: npm run licenses
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A package of the lock file, as npm writes it. */
interface Locked {
    readonly version?: string;
    readonly license?: string;
    readonly dev?: boolean;
    readonly devOptional?: boolean;
    readonly peer?: boolean;
}

/** A package that npm installs with this one. */
export interface ThirdParty {
    readonly name: string;
    readonly version: string;
    /** An SPDX expression. */
    readonly license: string;
}

const root: string = join(import.meta.dirname, "../..");

/** What the lock file names for users: without what development needs, and without peers, which they choose. */
export function thirdParties(): ThirdParty[] {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
        readonly packages: Readonly<Record<string, Locked>>;
    };
    return Object.entries(lock.packages)
        .filter(([path, { dev, devOptional, peer }]) => path !== "" && !dev && !devOptional && !peer)
        .map(([path, { version = "", license = "not told" }]) => ({
            name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
            version,
            license: license.replace(/^\((.*)\)$/, "$1"),
        }))
        .sort((one, other) => keyOf(one).localeCompare(keyOf(other), "en"));
}

function keyOf({ name, version }: ThirdParty): string {
    return `${name}@${version}`;
}

/** The page as it is committed. */
export function licensesPage(parties: readonly ThirdParty[]): string {
    const groups = [...Map.groupBy(parties, ({ license }) => license)].sort(([one], [other]) =>
        one.localeCompare(other, "en"),
    );
    return [
        "# Third-party licenses",
        "",
        "This package holds no code of others. npm installs these with it; each comes with its license text. The versions are those of `package-lock.json`, which were tested. `npm run licenses` writes this page, and `npm run sbom` an SBOM of the same packages in CycloneDX.",
        "",
        ...groups.flatMap(([license, some]) => [`## ${license}`, "", ...some.map((one) => `- ${keyOf(one)}`), ""]),
    ].join("\n");
}

if (import.meta.main) {
    writeFileSync(join(root, "THIRD-PARTY-LICENSES.md"), licensesPage(thirdParties()));
}
