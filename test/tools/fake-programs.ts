// Programs for a clone in a test. They note each call in the file CALLS, and FAKE_… variables tell them how to behave.
import { chmod, writeFile } from "node:fs/promises";

const note = `
const { appendFileSync, mkdirSync, writeFileSync, chmodSync, symlinkSync, rmSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const note = (text) => appendFileSync(process.env.CALLS, text + "\\n");
const hang = () => setInterval(() => {}, 1 << 30);
const program = (path, body) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "#!" + process.execPath + "\\n" + body);
    chmodSync(path, 0o755);
};
`;

const pulumi = (version: string) => `console.log(${JSON.stringify(version)});`;

const tsc = `${note}
note("tsc " + process.pid);
const out = process.argv[process.argv.indexOf("--outDir") + 1];
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "index.js"), readFileSync("provider/index.ts"));
writeFileSync(join(out, "index.d.ts"), 'export type { One } from "./one.js";');
writeFileSync(join(out, "one.d.ts"), "export type One = 1;");
writeFileSync(join(out, "other.d.ts"), "export type Other = 2;");
mkdirSync(join(out, "simulator"));
writeFileSync(join(out, "simulator", "index.d.ts"), "export {};");
writeFileSync(join(out, "simulator", "index.js"), readFileSync("simulator/index.ts"));
if (process.env.FAKE_TSC === "hang") hang();
if (process.env.FAKE_TSC === "fail") process.exitCode = 2;
`;

/** The real one removes comments. */
const transpiler = `
exports.ScriptTarget = {};
exports.ModuleKind = {};
exports.transpileModule = (text) => ({ outputText: text });
`;

const automation = `${note}
exports.PulumiCommand = {
    async install({ root, version }) {
        note("install " + version);
        if (process.env.FAKE_INSTALLER !== "works") throw new Error("fetch failed\\n  at some depth");
        program(join(root, "bin", "pulumi"), ${JSON.stringify(pulumi("v3.300.0-installed"))});
    },
};
`;

export const npm: string = `${note}
note("npm " + process.argv.slice(2).join(" "));
rmSync("node_modules", { recursive: true, force: true });
if (process.env.FAKE_NPM === "hang") hang();
else if (process.env.FAKE_NPM === "fail") process.exitCode = 1;
else {
    mkdirSync("node_modules/node/bin", { recursive: true });
    symlinkSync(process.execPath, "node_modules/node/bin/node");
    program("node_modules/typescript/bin/tsc", ${JSON.stringify(tsc)});
    writeFileSync("node_modules/typescript/index.js", ${JSON.stringify(transpiler)});
    program("node_modules/@pulumi/pulumi/automation/index.js", ${JSON.stringify(automation)});
    writeFileSync("node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs", "the plugin");
}
`;

export const go: string = `${note}
const [command, ...args] = process.argv.slice(2);
note(["go", process.pid, command, ...args].join(" "));
if (command === "version") console.log("go version go9.9.9 fake/machine");
if (command === "list") console.log("package/one\\npackage/two");
if (command === "build") {
    program(args[args.indexOf("-o") + 1], ${JSON.stringify(pulumi("v3.259.0-built"))});
    if (process.env.FAKE_GO === "hang") hang();
    if (process.env.FAKE_GO === "fail") {
        console.error("package/one\\nno space left on device");
        process.exitCode = 1;
    }
}
`;

/** A `pulumi` of some version; with none, one that does not run. */
export function pulumiOf(version?: string): string {
    return version === undefined ? "process.exit(1);" : pulumi(version);
}

export async function writeProgram(path: string, body: string): Promise<void> {
    await writeFile(path, `#!${process.execPath}\n${body}`);
    await chmod(path, 0o755);
}
