// Run by pulumi-cli.mjs under the pinned Node, since Pulumi's SDK needs a newer one than the set-up itself:
// node install-cli.mjs <folder> <version>
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const [root = "", given = ""] = process.argv.slice(2);
// The SDK only compares and prints the version, for which a string serves as well as its SemVer class.
const version = /** @type {import("semver").SemVer} */ (/** @type {unknown} */ (given));

try {
    await PulumiCommand.install({ root, version });
} catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
}
