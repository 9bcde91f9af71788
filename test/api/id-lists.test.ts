import { randomUUID } from "node:crypto";
import test from "ava";
import { createDefenderClient, type Observation } from "../../provider/api/defender-client.ts";
import { createIdLists, type IdLists } from "../../provider/api/id-lists.ts";
import { type ApiServer, startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const row = (id: string) => ({ id, status: "Pending", type: "Isolate", machineId: "m" });
const refusal = { status: 400, body: { error: { code: "BadRequest", message: "" } } };
const filterOf = (url: string) => new URL(url, "http://api").searchParams.get("$filter") ?? "";
const idsIn = (filter: string) => filter.match(/[0-9a-f-]{36}/g) ?? [];

/** An API that takes the filters that `takes` says. */
function startApi(takes: (filter: string, count: number) => boolean): Promise<ApiServer> {
    return startApiServer(({ url }) => {
        const filter = filterOf(url);
        const ids = idsIn(filter);
        return takes(filter, ids.length) ? { body: { value: ids.map(row) } } : refusal;
    });
}

function listsOf({ url }: ApiServer): IdLists<Observation> {
    const { list } = createDefenderClient(httpTo(url, { clock: recordedClock() }));
    return createIdLists<Observation>({ list, idOf: ({ action }) => action.id });
}

const newIds = (count: number) => Array.from({ length: count }, () => randomUUID());
const forms = (api: ApiServer) =>
    api.seen.map(({ url }) => `${/ in /.test(filterOf(url)) ? "in" : "or"} ${idsIn(filterOf(url)).length}`);

test("ids are asked for in lists whose queries stay short enough for any gateway", async (t) => {
    await using api = await startApi(() => true);
    const lists = listsOf(api);
    const ids = newIds(400);
    const parts = lists.split(ids);
    t.deepEqual(parts.flat(), ids);
    t.true(parts.length <= 3);
    for (const part of parts) {
        t.is((await lists.read(part)).size, part.length);
    }
    t.true(api.seen.every(({ url }) => url.length < 8_000));
});

test("where the API refuses long lists, shorter ones are asked for, from then on", async (t) => {
    await using api = await startApi((_, count) => count <= 40);
    const lists = listsOf(api);
    const ids = newIds(100);
    t.is((await lists.read(ids)).size, 100);
    t.deepEqual(forms(api), ["in 100", "in 40", "in 40", "in 20"]);
    t.deepEqual(
        lists.split(ids).map(({ length }) => length),
        [40, 40, 20],
    );
});

test("where the API knows no `in`, a chain of `or` takes its place, from then on", async (t) => {
    await using api = await startApi((filter) => !filter.includes(" in "));
    const lists = listsOf(api);
    const ids = newIds(20);
    t.is((await lists.read(ids)).size, 20);
    t.deepEqual(forms(api).slice(-2).sort(), ["or 15", "or 5"]);
    t.is(forms(api).filter((form) => form.startsWith("in")).length, 2, "each form once");
    const asked = api.seen.length;
    t.is((await lists.read(ids.slice(0, 15))).size, 15);
    t.deepEqual(forms(api).slice(asked), ["or 15"]);
});

test("where the API takes no list at all, each id stands alone, and no list is asked for again", async (t) => {
    await using api = await startApi(() => false);
    const lists = listsOf(api);
    const ids = newIds(5);
    t.is((await lists.read(ids)).size, 0);
    const asked = api.seen.length;
    t.is(asked, 3);
    t.deepEqual(
        lists.split(ids),
        ids.map((id) => [id]),
    );
    t.is((await lists.read(ids)).size, 0);
    t.is(api.seen.length, asked);
});

test("another failure is no refusal of the form: it is thrown, and the form stays", async (t) => {
    let isDown = true;
    await using api = await startApiServer(({ url }) =>
        isDown ? { status: 403, body: "" } : { body: { value: idsIn(filterOf(url)).map(row) } },
    );
    const lists = listsOf(api);
    const ids = newIds(60);
    await t.throwsAsync(lists.read(ids), { code: "ERR_DEFENDER_FORBIDDEN" });
    isDown = false;
    await lists.read(ids);
    t.deepEqual(forms(api), ["in 60", "in 60"]);
});

test("rows that repeat come back together, and a list that ignores the filter is not read on", async (t) => {
    const ids = newIds(2);
    const [one = "", other = ""] = ids;
    await using api = await startApiServer((_, nth) =>
        nth === 1
            ? { body: { value: [row(one), row(one)] } }
            : { body: { value: [row(randomUUID()), row(other)], "@odata.nextLink": "?$skip=2" } },
    );
    const lists = listsOf(api);
    t.is((await lists.read(ids)).get(one)?.length, 2);
    t.is((await lists.read(ids)).get(other)?.length, 1);
    t.is(api.seen.length, 2);
});
