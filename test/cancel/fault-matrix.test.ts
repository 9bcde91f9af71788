import test from "ava";
import { cancelMachineActions } from "../../provider/cancel/cancel.ts";
import { isOutstanding } from "../../provider/model/outputs.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { startSimulator } from "../../simulator/index.ts";
import { targetOf } from "../helpers/core.ts";
import { anyFaults, listFaults } from "../helpers/every-fault.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

type Operation = "get" | "list" | "cancel";

const operations: readonly Operation[] = ["get", "list", "cancel"];
const cells = operations.flatMap((operation) =>
    Object.entries({ ...anyFaults, ...(operation === "list" ? listFaults : {}) }).flatMap(([name, fault]) =>
        // The reads after the first one are those that prove.
        (operation === "cancel" ? (["first", "every"] as const) : (["first", "later", "every"] as const)).map(
            (which) => ({ operation, name, fault, which }),
        ),
    ),
);

const hits = {
    first: (nth: number) => nth === 1,
    later: (nth: number) => nth > 1,
    every: () => true,
} as const;

const ids = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"] as const;

test("no fault on any operation ends in a false success, a lost record or a needless request", async (t) => {
    const table: string[][] = [["operation", "fault", "at", "outcome", "cancel requests"]];
    for (const { operation, name, fault, which } of cells) {
        const clock = recordedClock();
        // One action is read by its id, two in a list.
        const wanted = operation === "get" ? ids.slice(0, 1) : ids;
        await using simulator = await startSimulator({
            token: "matrix-token",
            now: clock.now,
            actions: [...wanted, "00000000-0000-4000-8000-000000000003"].map((id) => ({ id })),
            faults: (request) => (request.operation === operation && hits[which](request.nth) ? fault : undefined),
        });
        const settings = readSettings(() => undefined, {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "matrix-token",
        });
        const stop = new AbortController().signal;
        const context = openSession(settings, { clock, stop, quotaStore: memoryStore(), log: () => {} });
        const targets = wanted.map((id) => targetOf(id, { confirmWithinMs: 60_000 }));
        const results = await cancelMachineActions(targets, context);
        const cell = `${operation}, ${name}, ${which}`;
        const posts = simulator.requests.filter((request) => request.operation === "cancel");
        for (const { machineActionId, failure, record, action } of results) {
            const really = simulator.action(machineActionId)?.status;
            const ours = posts.filter(({ actionId }) => actionId === machineActionId);
            const done = ours.findIndex(({ carriedOut }) => carriedOut);
            if (failure === undefined) {
                t.is(really, "Cancelled", `${cell}: success without cancellation`);
                t.true(record.outcome === "cancelled" || record.outcome === "adopted", cell);
            } else if (really === "Cancelled") {
                t.true(action !== undefined && isOutstanding(record), `${cell}: the record is lost`);
            }
            t.true(done === -1 || done === ours.length - 1, `${cell}: sent again after it was done`);
        }
        t.is(simulator.action("00000000-0000-4000-8000-000000000003")?.status, "Pending", cell);
        const outcomes = results.map(({ failure, record }) => failure?.code ?? record.outcome ?? "?");
        table.push([operation, name, which, [...new Set(outcomes)].join(", "), String(posts.length)]);
    }
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
    t.log(`\n${table.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n")}`);
});
