import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../set-up/paths.mjs";
import { ensureGoProgram } from "./go-programs.ts";
import type { PythonEnvironment } from "./python-sdk.ts";

const schema = join(root, "plugin", "schema.json");
const module = join(import.meta.dirname, "generate-sdk");

/** Generates the SDK of a language from plugin/schema.json. It throws if the schema does not bind without a warning. */
export async function generateSdk(language: "python" | "go", folder: string): Promise<void> {
    await execa(await ensureGoProgram("generateSdk"), [schema, language, folder]);
}

/** Compiles the Python SDK, and installs it into a folder for PYTHONPATH as `pip install ./sdks/python` does. */
export async function installPythonSdk({ python }: PythonEnvironment, sdk: string, into: string): Promise<void> {
    await execa(python, ["-m", "compileall", "-q", sdk]);
    const options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet", "--target", into];
    await execa(python, ["-m", "pip", "install", ...options, sdk]);
}

/** Compiles the Go SDK, with the versions of the generator's own module: no other ones are fetched. */
export async function vetGoSdk(sdk: string): Promise<void> {
    const name = /^module (\S+)$/m.exec(await readFile(join(sdk, "go.mod"), "utf8"))?.[1] ?? "";
    for (const file of ["go.mod", "go.sum"]) {
        await copyFile(join(module, file), join(sdk, file));
    }
    const options = { cwd: sdk, env: { GOWORK: "off", GOFLAGS: "-mod=mod" } };
    await execa("go", ["mod", "edit", "-module", name], options);
    // With the flags of the generator's build, Go takes what it has compiled from its cache.
    await execa("go", ["vet", "-trimpath", "-tags", "osusergo,grpcnotrace", "./..."], options);
}
