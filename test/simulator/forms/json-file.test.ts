import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readJsonFile } from "../../../simulator/forms/json-file.ts";

function folderOf(t: ExecutionContext): string {
    const folder = mkdtempSync(join(tmpdir(), "json-file-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    return folder;
}

test("the JSON of a file is read", (t) => {
    const file = join(folderOf(t), "fleet.json");
    writeFileSync(file, '[{ "count": 1 }]');
    t.deepEqual(readJsonFile(file), [{ count: 1 }]);
});

test("a file that is missing, a folder or no JSON says what it is and what is expected", (t) => {
    const folder = folderOf(t);
    const file = join(folder, "fleet.json");
    writeFileSync(file, '[{ "count": 1 "id": 2 }]');
    t.throws(() => readJsonFile(join(folder, "nosuch")), { message: "there is no such file: check the path" });
    t.throws(() => readJsonFile(folder), { message: "this is a folder, a JSON file is expected" });
    t.throws(() => readJsonFile(file), { message: /^the file is not valid JSON: .*(?:line 1|position 14)/ });
});
