import { readFileSync } from "node:fs";
import test from "ava";
import { asimRow } from "../../../cli/events/asim.ts";
import { asimColumns } from "../../../cli/events/asim-columns.ts";
import { entryEvents } from "../../../cli/events/entry-events.ts";
import { kindWords, stateWords } from "../../../cli/events/event-words.ts";
import { ocsfEvent } from "../../../cli/events/ocsf.ts";
import { entriesOfState } from "../../../cli/state/records.ts";
import { resourcesOf } from "../../../cli/state/stack-state.ts";
import { rc1Text } from "../../helpers/rc1-fixtures.ts";

const page = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");

/** The rows of the tables in a section, each as its cells. */
function rowsOf(heading: string): string[][] {
    const section = page.split(/^## /m).find((one) => one.startsWith(heading)) ?? "";
    const lines = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
    return lines.slice(1).map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$|`/g, "")));
}

test("docs/events.md has each kind and each state with its words, as the events have them", (t) => {
    const kinds = Object.entries(kindWords).map(([kind, { code, activity, asimType }]) => [
        kind,
        code,
        activity,
        asimType,
    ]);
    t.deepEqual(
        rowsOf("Kinds").map((row) => row.slice(0, 4)),
        kinds,
    );
    const entry = entriesOfState(resourcesOf(rc1Text("single.json"), "single"))[0];
    const [event] = entry ? entryEvents(entry, 0) : [];
    t.truthy(event);
    const states = Object.entries(stateWords).map(([name, { severity, details }]) => {
        const told = { ...event, state: name } as Parameters<typeof ocsfEvent>[0];
        const { status } = ocsfEvent(told);
        return [name, details, status === details ? "the details" : status, asimRow(told).EventResult, severity];
    });
    t.deepEqual<unknown, unknown>(rowsOf("Results"), states);
});

test("docs/events.md says what each column of Sentinel and each attribute of OCSF carries", (t) => {
    const [ocsf, asim] = [1, 2].map((index) => rowsOf("Fields").flatMap((row) => row[index]?.match(/[\w.]+/g) ?? []));
    const constant = new Set(["EventType", "EventSchema"]);
    for (const column of Object.keys(asimColumns).filter((one) => !constant.has(one))) {
        t.true(asim?.includes(column), column);
    }
    const entry = entriesOfState(resourcesOf(rc1Text("single.json"), "single"))[0];
    const names = new Set(ocsf?.map((one) => one.split(".")[0]));
    const classified = /^(class|category|type)_(uid|name)$|^activity_id$/;
    for (const event of entry ? entryEvents(entry, 0) : []) {
        const missing = Object.keys(ocsfEvent(event)).filter((name) => !names.has(name) && !classified.test(name));
        t.deepEqual(missing, []);
    }
});
