import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("pulumi-defender-cancellation/package.json") as {
    readonly version: string;
};

/** The version of this package, for evidence, requests and commands. */
export const packageVersion: string = manifest.version;
