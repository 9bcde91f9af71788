import test from "ava";
import { type FaultRequest, startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";
import { ask } from "../plain-client.ts";

const actions = "/api/machineactions";

test("the plan is told of each request what it is, and counts them", async (t) => {
    const told: FaultRequest[] = [];
    await using simulator = await startSimulator({
        actions: [{ id: idOf(1) }],
        faults(request) {
            told.push(request);
            return undefined;
        },
    });
    await ask(`${simulator.url}${actions}/${idOf(1)}`);
    await ask(`${simulator.url}${actions}`);
    await ask(`${simulator.url}${actions}/${idOf(2).toUpperCase()}/cancel`, "POST");
    await ask(`${simulator.url}${actions}/${idOf(2)}`);
    await ask(`${simulator.url}/favicon.ico`);
    t.deepEqual(told, [
        { operation: "get", nthOverall: 1, nth: 1, actionId: idOf(1) },
        { operation: "list", nthOverall: 2, nth: 1 },
        { operation: "cancel", nthOverall: 3, nth: 1, actionId: idOf(2) },
        { operation: "get", nthOverall: 4, nth: 2, actionId: idOf(2) },
        { operation: "other", nthOverall: 5, nth: 1 },
    ]);
    t.true(simulator.requests.every((request) => !("fault" in request)));
});

test("a plan that fails, or names a list's fault for another request, is answered with what is wrong", async (t) => {
    await using simulator = await startSimulator({
        actions: [{ id: idOf(1) }],
        faults({ operation }) {
            if (operation === "list") {
                throw new Error("out of faults");
            }
            return "repeats a row";
        },
    });
    const list = await ask(`${simulator.url}${actions}`);
    t.is(list.status, 500);
    t.regex(list.body, /out of faults/);
    const cancel = await ask(`${simulator.url}${actions}/${idOf(1)}/cancel`, "POST", '{"Comment":"x"}');
    t.is(cancel.status, 500);
    t.regex(cancel.body, /repeats a row.*fits only lists, not cancel/);
    t.is(simulator.action(idOf(1))?.status, "Pending");
});

test("onRequest hears of a dropped request too", async (t) => {
    const heard = Promise.withResolvers<number>();
    await using simulator = await startSimulator({
        faults: () => "drop before",
        onRequest: ({ status }) => heard.resolve(status),
    });
    await ask(`${simulator.url}${actions}`);
    t.is(await heard.promise, 0);
});
