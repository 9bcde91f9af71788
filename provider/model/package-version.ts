import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("pulumi-defender-cancellation/package.json") as {
    readonly version: string;
};

/** The version of this package, as evidence, requests and commands name it. */
export const packageVersion: string = manifest.version;
