import test from "ava";
import fc from "fast-check";
import { listQuery, type Page, partsThatFit, quote, readPages } from "../../provider/api/pages.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";

const path = "/api/machineactions";

function read(apiUrl: string): Promise<Page[]> {
    return Array.fromAsync(readPages(httpTo(apiUrl), path, "$filter=x"));
}

test("pages are followed on the configured host alone, whatever host a link names", async (t) => {
    await using stranger = await startApiServer(() => ({ body: { value: ["stranger"] } }));
    await using api = await startApiServer((_, nth) => ({
        body: {
            value: [nth],
            ...(nth === 1 ? { "@odata.nextLink": `${stranger.url}/api/machineactions?$filter=x&$skip=1` } : {}),
        },
    }));
    t.deepEqual(
        (await read(api.url)).flatMap(({ rows }) => rows),
        [1, 2],
    );
    t.is(api.seen[1]?.url, `${path}?$filter=x&$skip=1`);
    t.deepEqual(stranger.seen, []);
});

test("pages that link in a circle, or without end, end with an error", async (t) => {
    const links = [() => "?$skip=1", (nth: number) => `?$skip=${nth}`, () => "https://api.example/api/machineactions"];
    for (const next of links) {
        await using api = await startApiServer((_, nth) => ({ body: { value: [], "@odata.nextLink": next(nth) } }));
        await t.throwsAsync(read(api.url), { message: /a list of pages without end/ });
        t.true(api.seen.length <= 100);
    }
});

test("a next link that cannot be followed is an error: without it the list would look whole", async (t) => {
    for (const next of [5, {}, false, "?#$skip=1", "https://[", "?", "/api/machineactions"]) {
        await using api = await startApiServer(() => ({ body: { value: [], "@odata.nextLink": next } }));
        await t.throwsAsync(read(api.url), { message: /pages without end: the link to the next page has no query/ });
        t.is(api.seen.length, 1);
    }
    for (const none of [null, undefined, ""]) {
        await using api = await startApiServer(() => ({ body: { value: [1], "@odata.nextLink": none } }));
        t.is((await read(api.url)).length, 1);
    }
});

test("half a surrogate pair in a filter asks for what no row has, and breaks nothing", (t) => {
    t.is(listQuery("requestor eq '\ud800'"), "$filter=requestor%20eq%20%27%EF%BF%BD%27");
});

test("an answer without a list is none", async (t) => {
    await using api = await startApiServer(() => ({ body: { value: "none" } }));
    await t.throwsAsync(read(api.url), { message: /answer to GET \/api\/machineactions holds no list/ });
});

test("a text in a filter cannot end its quotes, nor the query", (t) => {
    t.is(quote("O'Brien' or 1 eq 1"), "'O''Brien'' or 1 eq 1'");
    const query = new URLSearchParams(listQuery("requestor eq 'a&b=c#d+e'"));
    t.deepEqual([...query], [["$filter", "requestor eq 'a&b=c#d+e'"]]);
});

test("parts hold everything in its order, each as long as it fits and no longer than it may be", (t) => {
    fc.assert(
        fc.property(
            fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }),
            fc.integer({ min: 1, max: 15 }),
            fc.integer({ min: 1, max: 100 }),
            (sizes, most, longest) => {
                const fits = (part: readonly number[]) => part.reduce((sum, size) => sum + size, 0) <= longest;
                const parts = partsThatFit(sizes, most, fits);
                const nextOf = (index: number) => parts[index + 1]?.[0];
                return (
                    JSON.stringify(parts.flat()) === JSON.stringify(sizes) &&
                    parts.every((part, index) => {
                        const next = nextOf(index);
                        const isFull = next === undefined || part.length === most || !fits([...part, next]);
                        return part.length <= most && (fits(part) || part.length === 1) && isFull;
                    })
                );
            },
        ),
    );
    t.pass();
});
