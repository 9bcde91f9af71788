import { join } from "node:path";
import { ensurePythonEnvironment, type PythonEnvironment } from "../python-environment.ts";

export type { PythonEnvironment };

/** Makes a virtual environment with Pulumi's Python SDK in the user's cache folder, unless it is there. */
export async function ensurePythonSdk(): Promise<PythonEnvironment> {
    return ensurePythonEnvironment({
        kind: "languages",
        name: "python-sdk",
        what: "Pulumi's Python SDK",
        requirements: join(import.meta.dirname, "requirements.txt"),
    });
}
