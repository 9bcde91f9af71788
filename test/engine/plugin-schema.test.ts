import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { cliEnvironment } from "../helpers/cli-environment.ts";

const folder = mkdtempSync(join(tmpdir(), "plugin-schema-"));
test.after.always(() => rmSync(folder, { recursive: true }));

const check = (path: string) => execa("pulumi", ["schema", "check", path], { env: cliEnvironment(folder), all: true });

test("Pulumi's own check of schemas finds nothing to say about that of the plugin", async (t) => {
    const { all } = await check(join(import.meta.dirname, "..", "..", "plugin", "schema.json"));
    t.is(all, "");
});

test("that check refuses a schema that names a type that it lacks", async (t) => {
    const path = join(folder, "schema.json");
    const $ref = "#/types/defender:index:Missing";
    writeFileSync(
        path,
        JSON.stringify({
            name: "defender",
            types: { "defender:index:One": { type: "object", properties: { x: { $ref } } } },
        }),
    );
    const error = await t.throwsAsync(check(path));
    t.regex(error.message, /type defender:index:Missing not found/);
});
