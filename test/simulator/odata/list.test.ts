import test from "ava";
import { idOf, withSimulator } from "../client.ts";

const id = idOf(1);
const actions = "/api/machineactions";

test("the list is newest first, filtered, sorted, cut and counted as the query says", (t) => {
    const seeds = [1, 2, 3, 4].map((n) => ({
        id: idOf(n),
        computerDnsName: `ws-${n % 3}.contoso.example`,
        requestor: n === 2 ? "o'neill & co" : "soar@contoso.example",
        creationDateTimeUtc: `2026-05-0${n}T00:00:00Z`,
    }));
    return withSimulator({ actions: seeds }, async (client, simulator) => {
        simulator.finish(idOf(3), "Failed");
        const all = await client.get(actions);
        t.is(all.body["@odata.context"], "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions");
        t.deepEqual(all.body.value, simulator.actions());
        t.false("@odata.nextLink" in all.body);
        t.false("@odata.count" in all.body);

        t.deepEqual(await client.select("status eq 'Pending'"), [4, 2, 1].map(idOf));
        t.deepEqual(await client.select("requestor eq 'o''neill & co'"), [idOf(2)]);
        t.deepEqual(await client.select(`id in ('${idOf(1)}','${idOf(3)}')`), [3, 1].map(idOf));
        t.deepEqual(await client.select("creationDateTimeUtc lt 2026-05-03T02:00:00+02:00"), [2, 1].map(idOf));
        t.deepEqual(await client.select("lastUpdateDateTimeUtc gt 2026-05-04T09:00:00Z"), [idOf(3)]);
        t.deepEqual(await client.select("type eq 'isolate'", "&$orderby=computerDnsName"), [3, 4, 1, 2].map(idOf));
        t.deepEqual(await client.select("type eq 'isolate'", "&$orderby=id asc&$top=2&$skip=1"), [2, 3].map(idOf));
        const counted = await client.get(`${actions}?$count=true&$top=1&api-version=1`);
        t.is(counted.body["@odata.count"], 4);
        t.is(counted.body.value?.length, 1);
    });
});

test("a long list comes in pages whose links lead over all of it once, filtered all the way", (t) => {
    const seeds = Array.from({ length: 11 }, (_, n) => ({
        id: idOf(n),
        requestor: n % 2 === 0 ? "it's + 100%" : "other",
    }));
    return withSimulator({ actions: seeds, pageSize: 2 }, async (client, simulator) => {
        const found: string[] = [];
        const filter = encodeURIComponent("requestor eq 'it''s + 100%'");
        let link: string | undefined = `/api/v1.0/machineactions?$filter=${filter}`;
        for (let pages = 1; link !== undefined; pages += 1) {
            const { body } = await client.get(link);
            t.true(pages <= 3);
            found.push(...(body.value ?? []).map((row) => row.id));
            link = body["@odata.nextLink"];
            t.true(link === undefined || link.startsWith(`${simulator.url}/api/v1.0/machineactions?$filter=`));
        }
        t.deepEqual(found, [10, 8, 6, 4, 2, 0].map(idOf));
    });
});

test("a bad query is answered with the envelope of query errors", (t) =>
    withSimulator({}, async (client) => {
        for (const query of ["$filter=status%20eq", "$top=x", "$select=nosuch", "$filter=nosuch%20eq%20'a'"]) {
            const { status, body } = await client.get(`${actions}?${query}`);
            t.is(status, 400, query);
            t.like(body.error, { code: "", details: [] });
            t.regex(body.error?.message ?? "", /^The query specified in the URI is not valid\. /);
        }
    }));

test("an action is found by nobody before it becomes visible", (t) =>
    withSimulator({ actions: [{ id, visibleAfterMs: 60_000 }] }, async (client, _simulator, clock) => {
        t.is((await client.get(`${actions}/${id}`)).status, 404);
        t.is((await client.cancel(id)).status, 404);
        t.deepEqual(await client.select("status eq 'Pending'"), []);
        clock.advance(60_000);
        t.is((await client.get(`${actions}/${id}`)).status, 200);
    }));
