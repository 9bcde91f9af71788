// Lints all workflows, and the pipelines of examples/gitops: npm run lint:workflows
// The linters come from other ecosystems, so this needs Go and Python, and is not part of npm test.
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { execa } from "execa";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const workflows = await Array.fromAsync(glob("{.github,examples/*/.github}/workflows/*.yml", { cwd: root }));
const zizmor = ".set-up/zizmor-1.32.0";
const schemas = ".set-up/check-jsonschema-0.39.0";
const azurePipelines = join(".set-up", "azure-pipelines.json");

// Azure DevOps reads each scalar as a text, and its published schema has no other type.
const pipeline = await readFile(join(root, "examples/gitops/azure-pipelines.yml"), "utf8");
await mkdir(join(root, ".set-up"), { recursive: true });
await writeFile(join(root, azurePipelines), JSON.stringify(parse(pipeline, { schema: "failsafe" })));

/** Compares a pipeline with the schema that its system publishes; the tool has a copy of both. */
const checkSchema = (name: string, file: string) => [
    ...[
        "env",
        `PYTHONPATH=${join(root, schemas)}`,
        "python3",
        "-m",
        "check_jsonschema",
        "--regex-variant",
        "nonunicode",
    ],
    ...["--builtin-schema", `vendor.${name}`, "--data-transform", name, file],
];

const steps: readonly (readonly string[])[] = [
    // It also runs shellcheck on the shell code of the workflows, if shellcheck is installed.
    ["go", "run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", ...workflows],
    ["python3", "-m", "pip", "install", "--quiet", "--upgrade", "--target", zizmor, "zizmor==1.32.0"],
    // Offline it cannot ask GitHub whether a pinned commit belongs to the repository that the workflow names.
    [join(root, zizmor, "bin/zizmor"), "--offline", "--persona", "pedantic", ...workflows],
    ["python3", "-m", "pip", "install", "--quiet", "--upgrade", "--target", schemas, "check-jsonschema==0.39.0"],
    checkSchema("azure-pipelines", azurePipelines),
    checkSchema("gitlab-ci", "examples/gitops/.gitlab-ci.yml"),
    ["shellcheck", "examples/gitops/pipeline.sh", "examples/gitops/install-pulumi.sh"],
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
