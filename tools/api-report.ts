// Writes the public surface of each package in signatures, docs/api.md and simulator/api.md, from dist/: npm run api
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = join(import.meta.dirname, "..");

/** The folder of a package of the clone, and the page that describes its public surface. */
export interface ApiPage {
    readonly folder: "." | "simulator";
    /** Relative to the folder. */
    readonly page: string;
    /** The documents that describe each declaration. */
    readonly more: string;
}

export const apiPages: readonly ApiPage[] = [
    {
        folder: ".",
        page: "docs/api.md",
        more: "[`resource.md`](resource.md), [`sets.md`](sets.md) and the doc comments",
    },
    { folder: "simulator", page: "api.md", more: "the [README](README.md) and the doc comments" },
];

interface EntryPoint {
    /** As a program imports it. */
    readonly specifier: string;
    /** The path of its declarations. */
    readonly types: string;
}

/** The exports of package.json that have types. */
async function entryPoints(packageFolder: string): Promise<EntryPoint[]> {
    const { name, exports } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as {
        readonly name: string;
        readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
    };
    return Object.entries(exports).flatMap(([path, target]) =>
        typeof target === "string"
            ? []
            : [{ specifier: name + path.slice(1), types: join(packageFolder, target.types) }],
    );
}

function configOf({ types }: EntryPoint, packageFolder: string, folder: string): ExtractorConfig {
    return ExtractorConfig.prepare({
        configObject: {
            projectFolder: packageFolder,
            mainEntryPointFilePath: types,
            compiler: { tsconfigFilePath: join(root, "tsconfig.build.json") },
            apiReport: {
                enabled: true,
                // Declarations that are not exported by name, but that an exported one uses.
                includeForgottenExports: true,
                reportFileName: "report",
                reportFolder: folder,
                reportTempFolder: join(folder, "temporary"),
            },
            docModel: { enabled: false },
            dtsRollup: { enabled: false },
            tsdocMetadata: { enabled: false },
            newlineKind: "lf",
            messages: { extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } } },
        },
        configObjectFullPath: undefined,
        packageJsonFullPath: join(packageFolder, "package.json"),
    });
}

/** The signatures of one entry point, as API Extractor reports them. */
async function signaturesOf(config: ExtractorConfig, compilerState: CompilerState): Promise<string> {
    const errors: string[] = [];
    Extractor.invoke(config, {
        localBuild: true,
        compilerState,
        messageCallback(message) {
            if (message.logLevel === "error") {
                errors.push(message.formatMessageWithLocation(root));
            }
            message.handled = true;
        },
    });
    if (errors.length > 0) {
        throw new Error(errors.join("\n"));
    }
    const report = await readFile(config.reportFilePath, "utf8");
    return withoutNotes(/```ts\n(.*)```/s.exec(report)?.[1] ?? "");
}

/** The signatures without API Extractor's notes, which say nothing about them. A note that one is internal stays. */
function withoutNotes(signatures: string): string {
    return signatures.replace(/^ *\/\/ (?:@public|\(undocumented\)|\(No @packageDocumentation .*)\n/gm, "").trim();
}

/** The text of a page. */
export async function apiReport({ folder: name, more }: ApiPage): Promise<string> {
    const packageFolder = join(root, name);
    const folder = await mkdtemp(join(tmpdir(), "api-report-"));
    try {
        const points = await entryPoints(packageFolder);
        const configs = points.map((point) => configOf(point, packageFolder, folder));
        const [first, ...others] = configs;
        if (first === undefined) {
            throw new Error("package.json exports nothing that has types");
        }
        const state = CompilerState.create(first, {
            additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
        });
        const sections: string[] = [];
        for (const [index, config] of configs.entries()) {
            const signatures = await signaturesOf(config, state);
            sections.push(`## \`${points[index]?.specifier}\`\n\n\`\`\`ts\n${signatures}\n\`\`\`\n`);
        }
        return `# API\n\n${introduction} ${more}.\n\n${sections.join("\n")}`;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

const introduction =
    "This page has the public surface as signatures. `npm run api` makes it, so that a review shows each change that affects " +
    "programs. A program cannot import a declaration without `export`. For the meaning of each, see";

if (import.meta.main) {
    for (const page of apiPages) {
        await writeFile(join(root, page.folder, page.page), await apiReport(page));
    }
}
