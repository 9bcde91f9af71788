import test from "ava";
import { createMachinesClient, type Machine, parseMachine } from "../../provider/machines/machines-client.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";

const id = "3c0ffee0123456789abcdef0123456789abcdef0";

async function all(pages: AsyncIterable<Machine[]>): Promise<Machine[]> {
    return (await Array.fromAsync(pages)).flat();
}

test("machines are listed as the API describes them", async (t) => {
    const seed = { id, computerDnsName: "dc-01", riskScore: "High", machineTags: ["tier-0"], deviceValue: "High" };
    await using simulator = await startSimulator({ machines: [{ ...seed, lastSeen: "2026-05-04T00:00:00Z" }] });
    t.deepEqual(await all(createMachinesClient(httpTo(simulator.url)).list(`id eq '${id}'`)), [
        { ...seed, lastSeen: "2026-05-04T00:00:00Z" },
    ]);
});

test("what the API does not tell, or tells in another form, is left out and never made up", (t) => {
    t.deepEqual(parseMachine({ id: id.toUpperCase() }), { id });
    const other = { id, riskScore: 3, deviceValue: null, machineTags: ["tier-0", 7], computerDnsName: "" };
    t.deepEqual(
        Object.entries(parseMachine(other) ?? {}).filter(([, value]) => value !== undefined),
        [["id", id]],
    );
    t.deepEqual(parseMachine({ id, machineTags: [] })?.machineTags, []);
    for (const stranger of [null, {}, { id: "ws-1" }, "machine"]) {
        t.is(parseMachine(stranger), undefined);
    }
});

test("foreign text is clean", (t) => {
    const machine = parseMachine({ id, computerDnsName: "ws\u202e\u001b[31m-1", machineTags: ["a\n::error::b"] });
    t.is(machine?.computerDnsName, "ws-1");
    t.deepEqual(machine?.machineTags, ["a ::error::b"]);
});

test("rows that are no machines are passed over", async (t) => {
    await using api = await startApiServer(() => ({ body: { value: [null, { id: "x" }, { id }] } }));
    t.deepEqual(
        (await all(createMachinesClient(httpTo(api.url)).list("x"))).map((machine) => machine.id),
        [id],
    );
});
