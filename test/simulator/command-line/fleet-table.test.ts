import test from "ava";
import { type ActionSeed, rowOf } from "../../../simulator/actions/action-seed.ts";
import { fleetTable } from "../../../simulator/command-line/fleet-table.ts";
import { demoFleet } from "../../../simulator/index.ts";
import { idOf, start } from "../client.ts";

const rowsOf = (seeds: readonly ActionSeed[]) => seeds.map((seed) => rowOf(seed, 0n));
const demo = rowsOf(demoFleet(start));

test("the fleet is a table of aligned columns, the machine first and the id last", (t) => {
    const [heading = "", ...lines] = fleetTable(demo, 140).split("\n").slice(0, -2);
    t.deepEqual(heading.split(/\s+/), ["MACHINE", "TYPE", "STATUS", "REQUESTOR", "ID"]);
    t.is(lines.length, demo.length);
    for (const [title, values] of [
        ["MACHINE", demo.map(({ computerDnsName }) => computerDnsName)],
        ["STATUS", demo.map(({ status }) => status)],
        ["REQUESTOR", demo.map(({ requestor }) => requestor)],
        ["ID", demo.map(({ id }) => id)],
    ] as const) {
        t.deepEqual(
            lines.map((line) => line.slice(heading.indexOf(title)).split(" ")[0]),
            values,
        );
    }
});

test("a line has at most the given columns: requestors are cut or left out, then machines are cut, ids never", (t) => {
    const long = rowsOf([
        { id: idOf(1), computerDnsName: `${"w".repeat(60)}.contoso.example`, requestor: "soar@contoso.example" },
    ]);
    for (const rows of [demo, long]) {
        for (const columns of [80, 100, 110, 120]) {
            const lines = fleetTable(rows, columns).split("\n");
            t.true(lines.every((line) => line.length <= columns));
            t.true(rows.every(({ id }) => lines.some((line) => line.endsWith(id))));
        }
    }
    t.notRegex(fleetTable(demo, 100), /REQUESTOR/);
    t.regex(fleetTable(demo, 115), /soar@contoso\.exa… /);
    t.regex(fleetTable(long, 80), /^w+… /m);
});

test("the last lines sum up the fleet by status and requestor", (t) => {
    t.deepEqual(fleetTable(demo, 100).split("\n").slice(-2), [
        "8 machine actions: 3 Pending, 3 InProgress, 1 Succeeded, 1 Cancelled",
        "Requested: 6 by soar@contoso.example, 2 by analyst@contoso.example",
    ]);
    const requestors = ["a", "b", "c", "d", "e"];
    const many = rowsOf(requestors.map((name, n) => ({ id: idOf(n), requestor: name })));
    t.regex(fleetTable(many, 100), /^Requested: 1 by a, 1 by b, 1 by c, the others by 2 more$/m);
    t.regex(fleetTable(many.slice(0, 1), 100), /^1 machine action: 1 Pending$/m);
    t.is(fleetTable([], 100), "No machine actions.");
});

test("of a long fleet the table shows the first 20 actions and says how many there are", (t) => {
    const rows = rowsOf(Array.from({ length: 1_000 }, (_, n) => ({ id: idOf(n) })));
    const lines = fleetTable(rows, 100).split("\n");
    t.is(lines.length, 23);
    t.true(lines[20]?.endsWith(idOf(19)));
    t.is(lines[21], "… and 980 more. 1000 machine actions: 1000 Pending");
});

test("names that attack a terminal are shown without their escape sequences, and an action without a machine as -", (t) => {
    const rows = rowsOf([
        { id: idOf(1), computerDnsName: "ws-\u001b[31mred", requestor: "x\n::error::" },
        { id: idOf(2), computerDnsName: null, machineId: null },
    ]);
    const table = fleetTable(rows, 100);
    t.notRegex(table.replaceAll("\n", ""), /\p{Cc}/u);
    t.regex(table, /^ws-red {2}/m);
    t.regex(table, /^- {2}/m);
});
