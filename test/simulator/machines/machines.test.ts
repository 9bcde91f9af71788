import test from "ava";
import { rowOf } from "../../../simulator/actions/action-seed.ts";
import { createMachines } from "../../../simulator/machines/machines.ts";
import { idOf, isRefusal, start, withSimulator } from "../client.ts";

const machineOf = (n: number) => n.toString(16).padStart(40, "0");
const machines = "/api/machines";
const filtered = (filter: string) => `${machines}?$filter=${encodeURIComponent(filter)}`;

test("every action has a machine, with nothing special about it unless it is seeded", (t) => {
    const actions = [
        {
            id: idOf(1),
            machineId: machineOf(1),
            computerDnsName: "ws-old",
            creationDateTimeUtc: "2026-05-01T00:00:00Z",
        },
        { id: idOf(2), machineId: machineOf(1), computerDnsName: "ws-new" },
        { id: idOf(3), machineId: null },
    ];
    const seeds = [
        { id: machineOf(0xa).toUpperCase(), riskScore: "High", machineTags: ["tier-0"], lastSeen: "2026-05-02" },
    ];
    return withSimulator({ actions, machines: seeds }, async (client, simulator) => {
        const { body } = await client.get(machines);
        t.is(body["@odata.context"], "https://api.securitycenter.microsoft.com/api/$metadata#Machines");
        t.like(body.value, [
            {
                id: machineOf(1),
                computerDnsName: "ws-new",
                riskScore: "None",
                exposureLevel: "Low",
                machineTags: [],
                deviceValue: "Normal",
                rbacGroupName: "Workstations",
                lastSeen: simulator.action(idOf(2))?.creationDateTimeUtc,
            },
            {
                id: machineOf(0xa),
                riskScore: "High",
                machineTags: ["tier-0"],
                lastSeen: "2026-05-02T00:00:00Z",
            },
        ]);
        t.like(simulator.seedMachine({ id: machineOf(1), riskScore: null }), {
            riskScore: null,
            deviceValue: "Normal",
        });
        t.like((await client.get(`${machines}/${machineOf(1)}`)).body, { id: machineOf(1), riskScore: null });
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["machines", "machine"],
        );
        t.is(Date.parse(String(simulator.seedMachine({ id: machineOf(2) }).lastSeen)), start);
    });
});

test("machines are filtered by id, risk score, device value and group", (t) => {
    const seeds = [1, 2, 3].map((n) => ({ id: machineOf(n), riskScore: n === 2 ? "High" : "None" }));
    return withSimulator({ machines: seeds }, async (client) => {
        const ids = async (filter: string) =>
            ((await client.get(filtered(filter))).body.value ?? []).map(({ id }) => id);
        t.deepEqual(await ids(`id in ('${machineOf(1)}','${machineOf(3)}')`), [1, 3].map(machineOf));
        t.deepEqual(await ids("riskScore eq 'high'"), [machineOf(2)]);
        t.deepEqual(await ids("deviceValue eq 'Normal' and riskScore ne 'High'"), [1, 3].map(machineOf));
        t.is((await client.get(filtered("status eq 'Pending'"))).status, 400);
    });
});

test("an unknown machine is not found, and reading takes a role", async (t) => {
    await withSimulator({}, async (client) => {
        t.true(isRefusal(await client.get(`${machines}/${machineOf(1)}`), 404, "ResourceNotFound"));
        const claims = Buffer.from(JSON.stringify({ roles: ["Machine.Isolate"] })).toString("base64url");
        const headers = { authorization: `Bearer e30.${claims}.x` };
        t.true(isRefusal(await client.get(machines, headers), 403, "Forbidden"));
    });
});

test("the faults of a list befall lists of machines too", (t) =>
    withSimulator(
        {
            machines: [{ id: machineOf(1) }, { id: machineOf(2) }],
            faults: ({ nth }) => (["lacks a row", "ignores the filter", "not visible"] as const)[nth - 1],
        },
        async (client) => {
            const count = async () => (await client.get(filtered(`id in ('${machineOf(1)}')`))).body.value?.length;
            t.deepEqual([await count(), await count(), await count(), await count()], [0, 2, 0, 1]);
        },
    ));

test("a seed with a malformed id or time is refused", (t) =>
    withSimulator({}, async (_, simulator) => {
        t.throws(() => simulator.seedMachine({ id: "ws-1" }), { instanceOf: TypeError });
        t.throws(() => simulator.seedMachine({ id: machineOf(1), lastSeen: "soon" }), { instanceOf: TypeError });
    }));

test("the actions are not searched again for each machine that is described", (t) => {
    let reads = 0;
    const rows = Array.from({ length: 100 }, (_, n) =>
        Object.defineProperty(rowOf({ machineId: machineOf(n) }, 0n), "machineId", {
            get() {
                reads += 1;
                return machineOf(n);
            },
        }),
    );
    const described = createMachines({ rows: () => rows, now: () => start, setPresence() {}, setOnline() {} });
    for (const n of rows.keys()) {
        described.seed({ id: machineOf(n), computerDnsName: `ws-${n}` });
    }
    t.true(reads <= 2 * rows.length, `${reads} reads`);
    t.is(described.rows().length, 100);
});

test("a machine takes its name from its newest action, also from one that showed no machine at first", (t) => {
    const row = rowOf({ machineId: null }, 0n);
    const rows = [row];
    const described = createMachines({ rows: () => rows, now: () => start, setPresence() {}, setOnline() {} });
    t.is(described.rows().length, 0);
    Object.assign(row, { machineId: machineOf(1), computerDnsName: "ws-1" });
    t.like(described.rows(), [{ id: machineOf(1), computerDnsName: "ws-1" }]);
});
