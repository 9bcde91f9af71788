import test from "ava";
import { type Fault, startSimulator } from "../../../simulator/index.ts";
import { type Body, idOf, manualClock } from "../client.ts";
import { ask } from "../plain-client.ts";

interface ListSeen {
    ids: string[];
    link: string | undefined;
    recorded: string[] | undefined;
    url: string;
}

/** What a list of four actions, two a page, shows when it goes wrong; the first and the third are scans. */
async function listed(fault: Fault, query: string): Promise<ListSeen> {
    const actions = [4, 3, 2, 1].map((n) => ({ id: idOf(n), type: n % 2 === 1 ? "RunAntiVirusScan" : "Isolate" }));
    const { now } = manualClock();
    await using simulator = await startSimulator({ actions, pageSize: 2, now, faults: () => fault });
    const { status, body } = await ask(`${simulator.url}/api/machineactions${query}`);
    if (status !== 200) {
        throw new Error(body);
    }
    const page = JSON.parse(body) as Body;
    return {
        ids: (page.value ?? []).map(({ id }) => id),
        link: page["@odata.nextLink"],
        recorded: simulator.requests[0]?.ids,
        url: simulator.url,
    };
}

const scans = "?$filter=type%20eq%20%27RunAntiVirusScan%27";

test("lacks a row: the first row of the page is missing", async (t) => {
    const { ids, recorded, link } = await listed("lacks a row", "");
    t.deepEqual(ids, [idOf(2)]);
    t.deepEqual(recorded, ids);
    t.regex(link ?? "", /\$skip=2$/);
});

test("repeats a row: the first row of the page is there twice", async (t) => {
    t.deepEqual((await listed("repeats a row", "")).ids, [1, 2, 1].map(idOf));
    t.deepEqual((await listed("repeats a row", "?$filter=id%20eq%20'none'")).ids, []);
});

test("ignores the filter: the page and its link are as if none had been given", async (t) => {
    const forms = [scans, "?%24filter=type+eq+'RunAntiVirusScan'", scans.replace("filter", "Filter")];
    for (const query of forms.map((form) => `${form}&$top=3`)) {
        const { ids, link } = await listed("ignores the filter", query);
        t.deepEqual(ids, [1, 2].map(idOf), query);
        t.regex(link ?? "", /\?\$top=1&\$skip=2$/);
    }
});

test("repeats a page: the link leads to the page that it stands on, also on the last one", async (t) => {
    const first = await listed("repeats a page", "?$top=4");
    t.is(first.link, `${first.url}/api/machineactions?$top=4`);
    const last = await listed("repeats a page", scans);
    t.deepEqual(last.ids, [1, 3].map(idOf));
    t.is(last.link, `${last.url}/api/machineactions${scans}`);
});

test("links to another host: the same page there, if there is a next one", async (t) => {
    const path = "/api/machineactions?$top=2&$skip=2";
    t.is((await listed("links to another host", "?$top=4")).link, `https://api.contoso.example${path}`);
    const own = { name: "links to another host", origin: "http://127.0.0.1:9" } as const;
    t.is((await listed(own, "?$top=4")).link, `http://127.0.0.1:9${path}`);
    t.is((await listed(own, scans)).link, undefined);
});

test("not visible: the list shows none, or all but the one that is named", async (t) => {
    t.deepEqual((await listed("not visible", "")).ids, []);
    t.deepEqual((await listed({ name: "not visible", actionId: idOf(2) }, "")).ids, [1, 3].map(idOf));
});
