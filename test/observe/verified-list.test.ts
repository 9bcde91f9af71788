import { randomUUID } from "node:crypto";
import test from "ava";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { type Answer, startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const [first, second] = [randomUUID(), randomUUID()].map((id) => ({ id, status: "Pending" }));

/** What a counted list gives over an API that answers so, and whether each request asked for a count. */
async function read(answer: (isCounted: boolean, nth: number) => Answer, times = 1) {
    await using api = await startApiServer(({ url }, nth) => answer(url.includes("$count=true"), nth));
    const lines: string[] = [];
    const client = createDefenderClient(httpTo(api.url, { clock: recordedClock() }));
    const list = createVerifiedList(client, (line) => lines.push(line), "a re-issue");
    const results: (string[] | Error)[] = [];
    for (let time = 0; time < times; time++) {
        const ids: string[] = [];
        try {
            for await (const page of list("status eq 'Pending'", 7)) {
                ids.push(...page.map(({ action }) => action.id));
            }
            results.push(ids);
        } catch (error) {
            results.push(error as Error);
        }
    }
    const urls = api.seen.map(({ url }) => url);
    return {
        results,
        lines,
        counted: urls.map((url) => url.includes("$count=true")),
        isLimited: urls.every((url) => url.includes("$top=7")),
    };
}

test("a list that shows all that the API counts is believed", async (t) => {
    const { results, counted, lines } = await read(() => ({ body: { value: [first, second], "@odata.count": 2 } }));
    t.deepEqual(results, [[first?.id, second?.id]]);
    t.deepEqual(lines, []);
    t.deepEqual(counted, [true]);
});

test("a list that shows fewer, more, or one of them twice is not", async (t) => {
    for (const value of [[first], [first, first], [first, second, { ...second, id: randomUUID() }]]) {
        const { results } = await read(() => ({ body: { value, "@odata.count": 2 } }));
        t.like(results, [{ code: "ERR_DEFENDER_RESPONSE" }]);
    }
});

test("an API that refuses to count is asked without from then on, and the user is told once", async (t) => {
    for (const status of [400, 404]) {
        const { results, counted, isLimited, lines } = await read(
            (isCounted) => (isCounted ? { status, body: "" } : { body: { value: [first] } }),
            2,
        );
        t.deepEqual(results, [[first?.id], [first?.id]]);
        t.deepEqual(counted, [true, false, false]);
        t.true(isLimited);
        t.deepEqual(lines, [
            "the API does not count its lists of machine actions ($count was refused): a list that leaves out an action " +
                "goes unnoticed, so a re-issue can be missed",
        ]);
    }
});

test("a list that breaks off is not begun anew without a count", async (t) => {
    const { results, counted } = await read((_, nth) =>
        nth === 1
            ? { body: { value: [first], "@odata.count": 2, "@odata.nextLink": "?$count=true&$skip=1&$top=7" } }
            : { status: 400, body: "" },
    );
    t.like(results, [{ code: "ERR_DEFENDER_REFUSED" }]);
    t.deepEqual(counted, [true, true]);
});

test("an API that refuses the list itself is asked for a count again", async (t) => {
    const { results, counted } = await read(() => ({ status: 400, body: "" }), 2);
    t.like(results, [{ code: "ERR_DEFENDER_REFUSED" }, { code: "ERR_DEFENDER_REFUSED" }]);
    t.deepEqual(counted, [true, false, true, false]);
});
