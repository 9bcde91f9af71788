import { readFileSync } from "node:fs";
import test from "ava";
import { parse } from "yaml";
import {
    type SettingSpec,
    settingsPage,
    settingsTable,
    withSettingsTable,
} from "../tools/plugin-schema/settings-page.ts";
import { packageRoot } from "./helpers/engine.ts";

const read = (path: string) => readFileSync(new URL(path, `file://${packageRoot}`), "utf8");

interface Spec {
    readonly config: { readonly variables: Readonly<Record<string, SettingSpec>> };
    readonly resources: Readonly<
        Record<string, { readonly inputProperties: object; readonly requiredInputs: string[] }>
    >;
}

const spec = JSON.parse(read("plugin/schema.json")) as Spec;

test("docs/installation-configuration.md has the settings of the schema (npm run schema)", (t) => {
    const page = read(settingsPage);
    t.is(withSettingsTable(page, settingsTable(spec.config.variables)), page);
    for (const key of Object.keys(spec.config.variables)) {
        t.true(page.includes(`| \`defender:${key}\` |`), key);
    }
});

test("the YAML programs of the plugin's pages pin it, and have inputs of the schema", (t) => {
    const programs = ["README.md", "docs/plugin.md", "docs/_index.md"].flatMap((page) =>
        [...read(page).matchAll(/^```yaml\n(name: .*?)^```$/gms)].map(([, text = ""]) => parse(text)),
    );
    t.is(programs.length, 3);
    for (const { plugins, resources } of programs) {
        const [pinned] = plugins.providers;
        t.deepEqual(pinned, { name: "defender", path: "node_modules/pulumi-defender-cancellation/plugin" });
        for (const { type, properties } of Object.values<{ type: string; properties: object }>(resources)) {
            const { inputProperties = {}, requiredInputs = [] } = spec.resources[type.replace(":", ":index:")] ?? {};
            t.true(requiredInputs.length > 0, type);
            t.true(requiredInputs.every((name) => Object.hasOwn(properties, name)));
            t.true(Object.keys(properties).every((name) => Object.hasOwn(inputProperties, name)));
        }
    }
});
