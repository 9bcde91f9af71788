import test from "ava";
import { rowOf } from "../../../simulator/actions/action-seed.ts";
import { commandResultOf } from "../../../simulator/downloads/contents.ts";
import { idOf } from "../client.ts";

test("a collected file with a name of any length is in an archive", (t) => {
    const params = [{ key: "Path", value: `C:\\Temp\\${"ü".repeat(70_000)}.txt` }];
    const commands = [{ commandStatus: "Completed", command: { type: "GetFile", params } }];
    const row = rowOf({ id: idOf(1), type: "LiveResponse", status: "Succeeded", commands }, 0n);
    const archive = commandResultOf(row, 0);
    t.is(archive?.body.subarray(0, 2).toString(), "PK");
    t.true(archive?.body.includes(`${"ü".repeat(251)}.txt`));
});
