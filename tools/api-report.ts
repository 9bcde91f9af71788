// Writes docs/api.md, the public surface in signatures, from dist/: npm run api
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs", "api.md");

interface EntryPoint {
    /** As a program imports it. */
    readonly specifier: string;
    /** Its declarations, relative to the root. */
    readonly types: string;
}

/** What package.json exports with types. */
async function entryPoints(): Promise<EntryPoint[]> {
    const { name, exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
        readonly name: string;
        readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
    };
    return Object.entries(exports).flatMap(([path, target]) =>
        typeof target === "string" ? [] : [{ specifier: name + path.slice(1), types: target.types }],
    );
}

function configOf({ types }: EntryPoint, folder: string): ExtractorConfig {
    return ExtractorConfig.prepare({
        configObject: {
            projectFolder: root,
            mainEntryPointFilePath: join(root, types),
            compiler: { tsconfigFilePath: join(root, "tsconfig.build.json") },
            apiReport: {
                enabled: true,
                // What is not exported by name, but is part of what is.
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
        packageJsonFullPath: join(root, "package.json"),
    });
}

/** The signatures of one entry point, as API Extractor reports them. */
async function signaturesOf(entryPoint: EntryPoint, compilerState: CompilerState, folder: string): Promise<string> {
    const config = configOf(entryPoint, folder);
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
    return /```ts\n(.*)```/s.exec(report)?.[1]?.trim() ?? "";
}

/** The text of docs/api.md. */
export async function apiReport(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "api-report-"));
    try {
        const points = await entryPoints();
        const [first, ...others] = points.map((point) => configOf(point, folder));
        if (first === undefined) {
            throw new Error("package.json exports nothing that has types");
        }
        const state = CompilerState.create(first, {
            additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
        });
        const sections: string[] = [];
        for (const point of points) {
            const signatures = await signaturesOf(point, state, folder);
            sections.push(`## \`${point.specifier}\`\n\n\`\`\`ts\n${signatures}\n\`\`\`\n`);
        }
        return `# API\n\n${introduction}\n\n${sections.join("\n")}`;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

const introduction =
    "The whole public surface in signatures, for reviews: what a change does to programs shows here as a diff. " +
    "`npm run api` makes this page from `dist/` with [API Extractor](https://api-extractor.com/). A declaration " +
    "without `export` is not to be had by name. What each of them does is said in " +
    "[`resource.md`](resource.md), [`sets.md`](sets.md) and the doc comments.";

if (import.meta.main) {
    await writeFile(page, await apiReport());
}
