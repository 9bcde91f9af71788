import test from "ava";
import { asimRow } from "../../../cli/events/asim.ts";
import { asimColumns } from "../../../cli/events/asim-columns.ts";
import type { CancellationEvent } from "../../../cli/events/event.ts";
import { recordEvents } from "../../../cli/events/record-events.ts";
import { entriesOfState, isOurs } from "../../../cli/state/records.ts";
import { resourcesOf } from "../../../cli/state/stack-state.ts";
import { problemsOfRow, tableColumns } from "../../helpers/asim-table.ts";
import { rc1Text } from "../../helpers/rc1-fixtures.ts";

type Row = Readonly<Record<string, unknown>>;

const rc1Records = ["single", "set", "drift", "reissue", "partial-failure", "apply.evidence", "apply-short.evidence"];

function eventsOf(name: string): CancellationEvent[] {
    const resources = resourcesOf(rc1Text(`${name}.json`), name);
    const entries = entriesOfState(resources);
    return recordEvents({ entries, resources: resources.filter(isOurs), generatedAtUtc: "2026-05-05T00:00:00Z" });
}

const rowsOf = (name: string): Row[] => eventsOf(name).map(asimRow);

test("each column that events fill is one of the table, with its type", (t) => {
    for (const [name, type] of Object.entries(asimColumns)) {
        t.is(tableColumns.get(name), type, name);
    }
});

test("the records of release 1.0.0-rc.1 are rows of the table, and every column of the list occurs", (t) => {
    const columns = new Set<string>();
    for (const name of rc1Records) {
        const rows = rowsOf(name);
        t.deepEqual(rows.flatMap(problemsOfRow), [], name);
        for (const column of rows.flatMap(Object.keys)) {
            columns.add(column);
        }
    }
    t.deepEqual([...columns].sort(), Object.keys(asimColumns).sort());
});

test("a row has the machine, the actor and both statuses of a cancellation", (t) => {
    const [, row] = rowsOf("set");
    t.like(row, {
        ...{ EventType: "Set", EventSubType: "Cancellation", EventResult: "Success", EventSeverity: "Informational" },
        ...{ Operation: "Cancel a machine action", OldValue: "Pending", NewValue: "Cancelled" },
        ...{ TargetHostname: "ws-201", TargetDomain: "contoso.example", TargetFQDN: "ws-201.contoso.example" },
        ...{
            TargetDvcIdType: "MDEid",
            EventSchemaVersion: "0.1.2",
            ActingAppId: "9a1b2c3d-0000-4000-8000-00000000abcd",
        },
        AdditionalFields: { EventSchema: "AuditEvent", outcome: "cancelled", effect: "prevented" },
    });
});

test("a name that is no host name with a domain has no domain", (t) => {
    const [, event] = eventsOf("set");
    for (const computerDnsName of ["ws-0417", "10.0.0.1x y", "a..b", ".a", "a.", "=HYPERLINK(x).b"]) {
        const row = event && asimRow({ ...event, computerDnsName });
        t.is(row?.TargetHostname, computerDnsName);
        t.is(row?.TargetDomain, undefined);
    }
});
