import test from "ava";
import { createDefenderClient, type DefenderClient, type Observation } from "../../provider/api/defender-client.ts";
import { quote } from "../../provider/api/pages.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "00000000-0000-4000-8000-000000000000";
const row = (rowId: string, status = "Pending") => ({ id: rowId, status, type: "Isolate" });

function clientOf(apiUrl: string): DefenderClient {
    return createDefenderClient(httpTo(apiUrl));
}

async function all(pages: AsyncIterable<Observation[]>): Promise<Observation[]> {
    return (await Array.fromAsync(pages)).flat();
}

test("get, list and cancel speak the API's paths and shapes", async (t) => {
    await using simulator = await startSimulator({ actions: [{ id }, { id: other, status: "Succeeded" }] });
    const client = clientOf(simulator.url);
    t.like(await client.get(id), { action: { id, status: "Pending" }, raw: { id, status: "Pending" } });
    const observations = await all(client.list(`id in (${[id, other].map(quote).join(",")})`));
    t.deepEqual(observations.map(({ action }) => action.id).sort(), [id, other].sort());
    const receipt = await client.cancel(id, "why");
    t.like(receipt, { status: 200, action: { id, status: "Cancelled" } });
    t.truthy(receipt.correlationId);
    t.is(simulator.action(id)?.cancellationComment, "why");
});

test("an answer about another action is none", async (t) => {
    await using api = await startApiServer(({ method }) => ({
        body: method === "POST" ? row(other, "Cancelled") : row(other),
    }));
    const client = clientOf(api.url);
    await t.throwsAsync(client.get(id), { instanceOf: DefenderError, message: /holds another action/ });
    t.is((await client.cancel(id, "why")).action, undefined);
});

test("an answer without an action, or without a list, is none", async (t) => {
    await using api = await startApiServer(() => ({ body: { value: "none" } }));
    const client = clientOf(api.url);
    await t.throwsAsync(client.get(id), { message: /holds no machine action/ });
    await t.throwsAsync(all(client.list("x")), { message: /holds no list/ });
});

test("rows that are no machine actions are passed over", async (t) => {
    await using api = await startApiServer(() => ({ body: { value: [null, 7, {}, row(id)] } }));
    t.deepEqual(
        (await all(clientOf(api.url).list("x"))).map(({ action }) => action.id),
        [id],
    );
});
