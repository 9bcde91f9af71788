// Run by pulumi-cli.mjs under the pinned Node, because Pulumi's SDK needs a newer Node than the set-up itself:
// node install-cli.mjs <folder> <version>
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const [root = "", given = ""] = process.argv.slice(2);
// The SDK only compares and prints the version, so a string works as well as its SemVer class.
const version = /** @type {import("semver").SemVer} */ (/** @type {unknown} */ (given));

try {
    await PulumiCommand.install({ root, version });
} catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
}
