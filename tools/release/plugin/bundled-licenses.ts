import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileOf } from "../packages.ts";

/** A package whose code is in the bundle. */
export interface BundledPackage {
    readonly name: string;
    readonly version: string;
    /** An SPDX expression. */
    readonly license: string;
    /** The texts that the package has; a package without one is named by its address. */
    readonly texts: readonly string[];
}

interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
    readonly repository?: { readonly url?: string };
}

/** Reads names and license texts of packages. `folders`: their paths below the clone. */
export function bundledPackages(folders: readonly string[]): BundledPackage[] {
    const byKey = new Map<string, BundledPackage>();
    for (const folder of folders) {
        const path = fileOf(".", folder);
        const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;
        const { name, version, license = "not told", repository } = manifest;
        const texts = readdirSync(path)
            .filter((file) => /^(?:licen[sc]e|copying|notice)/i.test(file))
            .sort()
            .map((file) => readFileSync(join(path, file), "utf8").trim());
        const without = `The package holds no text of its license. Its source: ${repository?.url ?? "unknown"}`;
        byKey.set(`${name}@${version}`, {
            name,
            version,
            license: license.replace(/^\((.*)\)$/, "$1"),
            texts: texts.length > 0 ? texts : [without],
        });
    }
    return [...byKey].sort(([one], [other]) => one.localeCompare(other, "en")).map(([, one]) => one);
}

/** The page of an archive. Most of these licenses ask that their text goes with the code. */
export function bundledLicensesPage(packages: readonly BundledPackage[]): string {
    const indented = (text: string) => text.replace(/^(?=.*\S)/gm, "    ");
    return [
        "# Third-party licenses",
        "",
        "`main.mjs` contains code of these packages.",
        "",
        ...packages.flatMap(({ name, version, license, texts }) => [
            `## ${name}@${version}: ${license}`,
            "",
            ...texts.flatMap((text) => [indented(text), ""]),
        ]),
    ].join("\n");
}
