// Lints all workflows, and the pipeline of examples/gitops: npm run lint:workflows
// The linters come from other ecosystems, so this needs Go and Python, and is not part of npm test.
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { execa } from "execa";

const root = join(import.meta.dirname, "..");
const workflows = await Array.fromAsync(glob("{.github,examples/*/.github}/workflows/*.yml", { cwd: root }));
const zizmor = ".set-up/zizmor-1.32.0";

const steps: readonly (readonly string[])[] = [
    // It also runs shellcheck on the shell code of the workflows, if shellcheck is installed.
    ["go", "run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", ...workflows],
    ["python3", "-m", "pip", "install", "--quiet", "--upgrade", "--target", zizmor, "zizmor==1.32.0"],
    // Offline it cannot ask GitHub whether a pinned commit belongs to the repository that the workflow names.
    [join(root, zizmor, "bin/zizmor"), "--offline", "--persona", "pedantic", ...workflows],
    ["shellcheck", "examples/gitops/pipeline.sh"],
];

for (const [command = "", ...args] of steps) {
    console.log(styleText("bold", `== ${[command, ...args].join(" ").replaceAll(`${root}/`, "")}`));
    const { failed, code } = await execa(command, args, {
        cwd: root,
        stdio: ["ignore", "inherit", "inherit"],
        reject: false,
    });
    if (failed) {
        console.log(code === "ENOENT" ? `there is no ${command} on the PATH` : styleText("red", "failed"));
        process.exitCode = 1;
    }
}
