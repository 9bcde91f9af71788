// Writes THIRD-PARTY-LICENSES.md of each package from the lock file: npm run licenses
import { writeFileSync } from "node:fs";
import { fileOf, installedWith, nameIn, type PackageFolder, packageFolders } from "./packages.ts";

/** A package that npm installs with one of our packages. */
export interface ThirdParty {
    readonly name: string;
    readonly version: string;
    /** An SPDX expression. */
    readonly license: string;
}

/** The packages that npm installs for users of a package. */
export function thirdParties(folder: PackageFolder): ThirdParty[] {
    return Object.entries(installedWith(folder))
        .map(([path, { version = "", license = "not told" }]) => ({
            name: nameIn(path),
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
    for (const folder of packageFolders) {
        writeFileSync(fileOf(folder, "THIRD-PARTY-LICENSES.md"), licensesPage(thirdParties(folder)));
    }
}
