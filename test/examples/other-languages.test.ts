import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { parse } from "yaml";
import { pluginName, typeOf } from "../../provider/model/resource-types.ts";
import { packageRoot } from "../helpers/engine.ts";

const read = (path: string) => readFile(join(packageRoot, path), "utf8");

interface YamlProject {
    readonly main?: string;
    readonly plugins: { readonly providers: readonly { readonly name: string; readonly path: string }[] };
    readonly resources?: Readonly<Record<string, { type: string; properties: Readonly<Record<string, unknown>> }>>;
}

interface ResourceSchema {
    readonly inputProperties: Readonly<Record<string, unknown>>;
    readonly requiredInputs: readonly string[];
}

for (const name of ["yaml", "python"]) {
    test(`examples/${name} takes the plugin from the package, by a path that host and engine resolve alike`, async (t) => {
        const project: YamlProject = parse(await read(`examples/${name}/Pulumi.yaml`));
        const path = "node_modules/pulumi-defender-cancellation/plugin";
        t.deepEqual(project.plugins.providers, [{ name: pluginName, path }]);
        t.is(project.main, undefined);
    });
}

test("the resources of examples/yaml have types and inputs of the plugin's schema", async (t) => {
    const project: YamlProject = parse(await read("examples/yaml/Pulumi.yaml"));
    const { resources }: { resources: Record<string, ResourceSchema> } = JSON.parse(await read("plugin/schema.json"));
    const declared = Object.values(project.resources ?? {});
    const kinds = declared.map(({ type, properties }) => {
        const token = type.replace(":", ":index:");
        const names = Object.keys(properties);
        t.deepEqual(
            names.filter((name) => !(name in (resources[token]?.inputProperties ?? {}))),
            [],
        );
        t.deepEqual(
            resources[token]?.requiredInputs.filter((name) => !names.includes(name)),
            [],
        );
        return typeOf(token);
    });
    t.deepEqual(kinds, [
        { kind: "cancellation", face: "plugin" },
        { kind: "set", face: "plugin" },
    ]);
});

test("test:languages generates SDKs with the version of the CLI, and runs them with that Python SDK", async (t) => {
    const version = async (path: string) =>
        /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(await read(path))?.[1] ?? "";
    const cli = await version("tools/pulumi-cli/go.mod");
    t.regex(cli, /^3\.\d+\.\d+$/);
    t.is(await version("tools/languages/generate-sdk/go.mod"), cli);
    t.regex(await read("tools/languages/requirements.txt"), new RegExp(`^pulumi==${cli}$`, "m"));
});
