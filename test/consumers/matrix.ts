import { readFileSync } from "node:fs";
import type { PackageManager } from "./package-managers.ts";

/** How a program gets from its sources to Node. */
export type Program =
    | { readonly language: "JavaScript" }
    | {
          readonly language: "TypeScript";
          /** The version of TypeScript in the project; it checks the types too. */
          readonly version: string;
          readonly run: "ts-node of the SDK" | "ts-node 10" | "Node's type stripping" | "tsc before the run";
      };

/** One value of docs/compatibility.md, and the project that shows it. */
export interface Consumer {
    readonly value: string;
    readonly packageManager: PackageManager;
    readonly node: string;
    readonly sdk: string;
    readonly modules: "CommonJS" | "ES module";
    readonly program: Program;
    /** The option `typescript` under `runtime` in Pulumi.yaml. Default: not there. */
    readonly option?: boolean;
    /** Whether tsconfig.json has the resolution of before Node's `exports`, as many programs still do. Default: false. */
    readonly isOldResolution?: boolean;
    /** Whether the program is one package of several in a workspace. Default: false. */
    readonly isWorkspace?: boolean;
    /** Why the project is not run. */
    readonly notRun?: string;
}

interface Pinned {
    readonly devDependencies: Readonly<Record<"@pulumi/pulumi" | "node" | "typescript", string>>;
}

const { devDependencies: pinned } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as Pinned;

const javascript: Program = { language: "JavaScript" };
const npm: PackageManager = "npm@11.19.1";
const pnpm: PackageManager = "pnpm@12.21.0";

const usual = {
    packageManager: npm,
    node: pinned.node,
    sdk: pinned["@pulumi/pulumi"],
    modules: "CommonJS",
    program: javascript,
} as const;

const typescript = (version: string, run: Extract<Program, { run: string }>["run"]): Program => ({
    language: "TypeScript",
    version,
    run,
});

/** One project for each value, not for each combination. What a row does not say is as in `usual`. */
export const consumers: readonly Consumer[] = [
    { ...usual, value: "CommonJS" },
    { ...usual, value: "ES modules", modules: "ES module" },
    { ...usual, value: "TypeScript 5.9", program: typescript("5.9.3", "ts-node of the SDK") },
    {
        ...usual,
        value: "TypeScript 5.9, `moduleResolution: node`",
        program: typescript("5.9.3", "ts-node of the SDK"),
        isOldResolution: true,
    },
    { ...usual, value: "TypeScript 6", program: typescript(pinned.typescript, "ts-node of the SDK") },
    {
        ...usual,
        value: "TypeScript 7",
        modules: "ES module",
        program: typescript("7.0.2", "tsc before the run"),
        option: false,
    },
    {
        ...usual,
        value: "TypeScript 7, `typescript: true`",
        program: typescript("7.0.2", "ts-node of the SDK"),
        option: true,
        notRun: "the SDK runs TypeScript through the compiler's JavaScript API, which TypeScript 7 does not have",
    },
    {
        ...usual,
        value: "`typescript: true`",
        modules: "ES module",
        program: typescript(pinned.typescript, "ts-node 10"),
        option: true,
    },
    {
        ...usual,
        value: "`typescript: false`",
        modules: "ES module",
        program: typescript(pinned.typescript, "Node's type stripping"),
        option: false,
    },
    { ...usual, value: "npm" },
    { ...usual, value: "pnpm", packageManager: pnpm },
    { ...usual, value: "Yarn 4, `nodeLinker: node-modules`", packageManager: "yarn@4.18.1" },
    { ...usual, value: "Yarn 1", packageManager: "yarn@1.22.22" },
    { ...usual, value: "monorepo, npm workspaces", isWorkspace: true, modules: "ES module" },
    { ...usual, value: "monorepo, pnpm workspaces", isWorkspace: true, modules: "ES module", packageManager: pnpm },
    { ...usual, value: "Node.js 22.13", node: "22.13.0" },
    { ...usual, value: "Node.js 24" },
    { ...usual, value: "Node.js 26", node: "26.10.0" },
    { ...usual, value: "oldest SDK", sdk: "3.216.0" },
    { ...usual, value: "newest SDK", sdk: "3.276.0" },
];

/** The project of a row in words. */
export function describe({ packageManager, node, sdk, modules, program, option, ...rest }: Consumer): string {
    const [manager = "", version = ""] = packageManager.split("@");
    const language = program.language === "JavaScript" ? "JavaScript" : `TypeScript ${program.version}`;
    return [
        `${manager} ${version}`,
        ...(rest.isWorkspace ? ["one package of a workspace"] : []),
        `Node.js ${node}`,
        `SDK ${sdk}`,
        `${modules} in ${language}`,
        ...(program.language === "TypeScript" ? [program.run] : []),
        ...(rest.isOldResolution ? ["`module: commonjs`, `esModuleInterop: true`"] : []),
        ...(option === undefined ? [] : [`\`typescript: ${option}\``]),
    ].join(", ");
}
