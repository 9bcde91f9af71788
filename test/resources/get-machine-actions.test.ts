import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { filterOf } from "../../provider/api/action-query.ts";
import { DefenderProvider, getMachineActions, getMachineActionsOutput } from "../../provider/index.ts";
import { type ActionSeed, type Fault, type Simulator, startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { useOwnCache } from "../helpers/own-cache.ts";

test.before(async () => {
    await pulumi.runtime.setMocks(
        { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) },
        "project",
        "stack",
    );
    process.env.DEFENDER_ACCESS_TOKEN = "look-up-token";
    useOwnCache();
});

const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Looks things up in a fleet. */
async function withFleet(
    actions: readonly ActionSeed[],
    work: (simulator: Simulator) => Promise<void>,
    options: { readonly pageSize?: number; readonly fault?: Fault } = {},
): Promise<void> {
    const { pageSize = 10_000, fault } = options;
    await using simulator = await startSimulator({ actions, pageSize, faults: () => fault });
    process.env.DEFENDER_API_URL = simulator.url;
    await work(simulator);
}

const seeds: readonly ActionSeed[] = [
    { id: randomUUID(), creationDateTimeUtc: minutesAgo(30) },
    { id: randomUUID(), creationDateTimeUtc: minutesAgo(10), machineId },
    {
        id: randomUUID(),
        creationDateTimeUtc: minutesAgo(20),
        type: "RunAntiVirusScan",
        requestor: "o'hara@contoso.example",
    },
    { id: randomUUID(), creationDateTimeUtc: minutesAgo(40), status: "Succeeded" },
];
const [first, second, third, fourth] = seeds.map(({ id }) => id);

test.serial("actions come newest first, by all that is asked for", async (t) => {
    await withFleet(seeds, async () => {
        const rows = [
            [{}, [second, third, first, fourth]],
            [{ status: "Pending", type: "Isolate" }, [second, first]],
            [{ machineId }, [second]],
            [{ requestor: "o'hara@contoso.example" }, [third]],
            [{ createdAfter: minutesAgo(25) }, [second, third]],
            [{ createdAfter: minutesAgo(35), createdBefore: minutesAgo(15) }, [third, first]],
            [{ top: 2 }, [second, third]],
            [{ status: "TimeOut" }, []],
        ] as const;
        for (const [query, ids] of rows) {
            const found = await getMachineActions(query);
            t.deepEqual(
                found.map(({ id }) => id),
                [...ids],
                JSON.stringify(query),
            );
        }
    });
});

test.serial("a type is found however the API and the query spell it, one that is not known too", async (t) => {
    const spelled = [
        "LiveResponse",
        "Live Response",
        "live-response",
        "LIVE_RESPONSE",
        "Contain Device",
        "ContainDevice",
    ];
    const actions = [...spelled, "Isolate"].map((type, at) => ({ type, creationDateTimeUtc: minutesAgo(at + 1) }));
    await withFleet(actions, async () => {
        for (const type of ["LiveResponse", "Live Response", "live-response"]) {
            t.deepEqual(
                (await getMachineActions({ type })).map((action) => action.type),
                spelled.slice(0, 4),
            );
            t.is((await getMachineActions({ type, top: 1 })).length, 1);
        }
        t.is((await getMachineActions({ type: "containdevice" })).length, 2);
        t.is((await getMachineActions({ type: "containdevice", top: 1 })).length, 1);
        t.deepEqual(await getMachineActions({ type: "Unisolate" }), []);
    });
});

test.serial("all pages are read, and a row that is on two of them is there once", async (t) => {
    await withFleet(
        seeds,
        async (simulator) => {
            t.is((await getMachineActions()).length, 4);
            t.is(simulator.requests.length, 2);
        },
        { pageSize: 2 },
    );
    await withFleet(seeds, async () => void t.is((await getMachineActions()).length, 4), { fault: "repeats a row" });
});

test.serial("a link to another host is not followed there", async (t) => {
    await using other = await startApiServer(() => ({ body: { value: [] } }));
    await withFleet(seeds, async () => void t.is((await getMachineActions()).length, 4), {
        pageSize: 2,
        fault: { name: "links to another host", origin: other.url },
    });
    t.deepEqual(other.seen, []);
});

test.serial("a list without end, or a refusal, is an error with its code", async (t) => {
    await withFleet(
        seeds,
        async () => {
            await t.throwsAsync(getMachineActions(), { code: "ERR_DEFENDER_RESPONSE", message: /without end/ });
        },
        { fault: "repeats a page" },
    );
    await withFleet(
        seeds,
        async () => {
            await t.throwsAsync(getMachineActions(), { code: "ERR_DEFENDER_FORBIDDEN" });
        },
        { fault: { name: "answer", when: "before", status: 403 } },
    );
});

test.serial("a query of Outputs gives an Output", async (t) => {
    await withFleet(seeds, async () => {
        const found = getMachineActionsOutput({ type: pulumi.output("RunAntiVirusScan") });
        t.deepEqual(await new Promise((resolve) => found.apply((actions) => resolve(actions.map(({ id }) => id)))), [
            third,
        ]);
    });
});

test.serial("an explicit provider looks up with its own credential", async (t) => {
    await withFleet(seeds, async (simulator) => {
        delete process.env.DEFENDER_ACCESS_TOKEN;
        const provider = new DefenderProvider("contoso", { accessToken: "token-of-contoso" });
        t.is((await getMachineActions({}, { provider })).length, 4);
        t.is(simulator.requests[0]?.headers.authorization, "Bearer token-of-contoso");
        process.env.DEFENDER_ACCESS_TOKEN = "look-up-token";
    });
});

test.serial("a wrong query is refused by its name, before any request", async (t) => {
    await withFleet([], async (simulator) => {
        const rows = [
            [{ state: "Pending" }, /^state is not a property of a query: expected one of status, type/],
            [{ status: "" }, /^status is "": expected text/],
            [{ type: 4711 }, /^type is 4711: expected text/],
            [{ createdAfter: "yesterday" }, /^createdAfter is "yesterday": expected a time with its time zone/],
            [{ top: 0 }, /^top is 0: expected a whole number, at least 1/],
        ] as const;
        for (const [query, message] of rows) {
            await t.throwsAsync(getMachineActions(query as object), { code: "ERR_DEFENDER_CONFIGURATION", message });
        }
        t.deepEqual(simulator.requests, []);
    });
});

test("a time that is none is refused, whatever it is", (t) => {
    const tricky = { toString: () => "2026-05-05T07:00:00Z" } as unknown as string;
    t.throws(() => filterOf({ createdBefore: tricky }), { message: /createdBefore is an object: expected a time/ });
});

test("a filter quotes what it is given, and leaves out what it is not", (t) => {
    t.is(filterOf({}), "");
    t.is(filterOf({ requestor: "x' or status eq 'Pending" }), "requestor eq 'x'' or status eq ''Pending'");
    t.is(
        filterOf({ status: "Pending", createdAfter: "2026-05-05T09:00:00+02:00", top: 5 }),
        "status eq 'Pending' and creationDateTimeUtc gt 2026-05-05T07:00:00.000Z",
    );
});
