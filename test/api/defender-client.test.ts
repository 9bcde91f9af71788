import test from "ava";
import {
    createDefenderClient,
    type DefenderClient,
    listQuery,
    quote,
    type Sighting,
} from "../../provider/api/defender-client.ts";
import { DefenderError } from "../../provider/errors.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "00000000-0000-4000-8000-000000000000";
const row = (rowId: string, status = "Pending") => ({ id: rowId, status, type: "Isolate" });

function clientOf(apiUrl: string): DefenderClient {
    return createDefenderClient(httpTo(apiUrl));
}

async function all(pages: AsyncIterable<Sighting[]>): Promise<Sighting[]> {
    return (await Array.fromAsync(pages)).flat();
}

test("get, list and cancel speak the API's paths and shapes", async (t) => {
    await using simulator = await startSimulator({ actions: [{ id }, { id: other, status: "Succeeded" }] });
    const client = clientOf(simulator.url);
    t.like(await client.get(id), { action: { id, status: "Pending" }, raw: { id, status: "Pending" } });
    const sightings = await all(client.list(`id in (${[id, other].map(quote).join(",")})`));
    t.deepEqual(sightings.map(({ action }) => action.id).sort(), [id, other].sort());
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
    await t.throwsAsync(all(client.list("x")), { message: /holds no list of machine actions/ });
});

test("rows that are no machine actions are passed over", async (t) => {
    await using api = await startApiServer(() => ({ body: { value: [null, 7, {}, row(id)] } }));
    t.deepEqual(
        (await all(clientOf(api.url).list("x"))).map(({ action }) => action.id),
        [id],
    );
});

test("pages are followed on the configured host alone, whatever host a link names", async (t) => {
    await using stranger = await startApiServer(() => ({ body: { value: [row(other)] } }));
    await using api = await startApiServer((_, nth) => ({
        body: {
            value: [row(nth === 1 ? id : other)],
            ...(nth === 1 ? { "@odata.nextLink": `${stranger.url}/api/machineactions?$filter=x&$skip=1` } : {}),
        },
    }));
    const sightings = await all(clientOf(api.url).list("x"));
    t.deepEqual(
        sightings.map(({ action }) => action.id),
        [id, other],
    );
    t.is(api.seen[1]?.url, "/api/machineactions?$filter=x&$skip=1");
    t.deepEqual(stranger.seen, []);
});

test("pages that link in a circle, or without end, end with an error", async (t) => {
    const links = [() => "?$skip=1", (nth: number) => `?$skip=${nth}`, () => "https://api.example/api/machineactions"];
    for (const next of links) {
        await using api = await startApiServer((_, nth) => ({ body: { value: [], "@odata.nextLink": next(nth) } }));
        await t.throwsAsync(all(clientOf(api.url).list("x")), { message: /a list of pages without end/ });
        t.true(api.seen.length <= 100);
    }
});

test("a text in a filter cannot end its quotes, nor the query", (t) => {
    t.is(quote("O'Brien' or 1 eq 1"), "'O''Brien'' or 1 eq 1'");
    const query = new URLSearchParams(listQuery("requestor eq 'a&b=c#d+e'"));
    t.deepEqual([...query], [["$filter", "requestor eq 'a&b=c#d+e'"]]);
});
