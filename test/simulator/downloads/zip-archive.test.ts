import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { zipArchive } from "../../../simulator/downloads/zip-archive.ts";

test("another program reads the archive, its folders, its names in UTF-8 and an empty file", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "zip-archive-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "package.zip");
    const files = { "a.txt": "first\r\n", "Ordner/zwölf.csv": "x".repeat(10_000), empty: "" };
    writeFileSync(file, zipArchive(files));
    const program = [
        "import json, sys, zipfile",
        "archive = zipfile.ZipFile(sys.argv[1])",
        "assert archive.testzip() is None",
        "print(json.dumps({name: archive.read(name).decode() for name in archive.namelist()}))",
    ].join("\n");
    t.deepEqual(JSON.parse(execFileSync("python3", ["-c", program, file], { encoding: "utf8" })), files);
});
