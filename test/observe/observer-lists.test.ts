import { randomUUID } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { startApiServer } from "../helpers/api-server.ts";
import { idIn, isList, notFound, observerOf, row } from "../helpers/observed-api.ts";

test("a list that lacks rows, repeats rows, ignores the filter or shows another action is no answer", async (t) => {
    const lies = fc.constantFrom("right", "lacks", "repeats", "other type", "other machine", "no status");
    await fc.assert(
        fc.asyncProperty(fc.array(lies, { minLength: 2, maxLength: 12 }), async (kinds) => {
            const ids = kinds.map(() => randomUUID());
            const stranger = row(randomUUID());
            await using api = await startApiServer(({ url }) => {
                if (!isList(url)) {
                    return { body: row(idIn(url), { status: "Cancelled" }) };
                }
                const rows = ids.flatMap((id, index): object[] => {
                    switch (kinds[index]) {
                        case "lacks":
                            return [];
                        case "repeats":
                            return [row(id), row(id, { status: "Cancelled" })];
                        case "other type":
                            return [row(id, { type: "Unisolate" })];
                        case "other machine":
                            return [row(id, { machineId: "another" })];
                        case "no status":
                            return [{ id }];
                        default:
                            return [row(id)];
                    }
                });
                return { body: { value: [stranger, ...rows] } };
            });
            const observer = observerOf(api.url);
            const earlier = { type: "Isolate", machineId: "m" };
            const seen = await Promise.all(ids.map((id) => observer.read(id, earlier)));
            return (
                seen.every(({ action }, index) => action.id === ids[index]) &&
                seen.every(
                    ({ action }, index) => action.status === (kinds[index] === "right" ? "Pending" : "Cancelled"),
                )
            );
        }),
        { numRuns: 20 },
    );
    t.pass();
});

for (const status of [400, 404, 414]) {
    test(`where the API answers a list with ${status}, each id is read alone, from then on`, async (t) => {
        const ids = [randomUUID(), randomUUID(), randomUUID()];
        await using api = await startApiServer(({ url }) =>
            isList(url) ? { ...notFound, status } : { body: row(idIn(url)) },
        );
        const observer = observerOf(api.url);
        for (const _ of ["first", "second"]) {
            const seen = await Promise.all(ids.map((id) => observer.read(id)));
            t.deepEqual(
                seen.map(({ action }) => action.id),
                ids,
            );
        }
        // Each form of a filter is tried once.
        t.is(api.seen.filter(({ url }) => isList(url)).length, 3);
    });
}

test("while the API fails as a whole, a list and two of its actions are tried, and not each of them", async (t) => {
    const ids = Array.from({ length: 150 }, () => randomUUID());
    await using api = await startApiServer(() => ({ status: 503, body: "" }));
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
    t.true(looks.every((look) => look.status === "rejected" && look.reason.code === "ERR_DEFENDER_SERVER"));
    t.is(api.seen.length, 12, "four attempts each: the list, its first and its last");
    t.false(String(looks[1]?.status === "rejected" && looks[1].reason).includes(ids[0] ?? ""));
    // What still went out for them would come before the four attempts of a later question.
    await t.throwsAsync(observer.read(ids[1] ?? ""));
    t.is(api.seen.length, 16);
});

test("a list that fails for a reason that every request shares is the only request for its actions", async (t) => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    await using api = await startApiServer(() => ({ status: 401, body: "" }));
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
    t.true(looks.every((look) => look.status === "rejected" && look.reason.code === "ERR_DEFENDER_UNAUTHORIZED"));
    await t.throwsAsync(observer.read(ids[0] ?? ""));
    t.deepEqual(
        api.seen.map(({ url }) => (isList(url) ? "list" : idIn(url))),
        ["list", ids[0]],
    );
});

test("one action that the API cannot show holds up no other", async (t) => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (const poisoned of [ids[0], ids[2], ids[4]]) {
        await using api = await startApiServer(({ url }) =>
            isList(url) || idIn(url) === poisoned ? { status: 503, body: "" } : { body: row(idIn(url)) },
        );
        const observer = observerOf(api.url);
        const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
        t.deepEqual(
            looks.map(({ status }) => status),
            ids.map((id) => (id === poisoned ? "rejected" : "fulfilled")),
        );
        // Each is asked for once; the one that fails, and the list, four times.
        t.is(api.seen.length, 4 + 4 + 4);
    }
});

test("actions that the API cannot show hold up no other, unless they are the first and the last of a list", async (t) => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    await using api = await startApiServer(({ url }) =>
        isList(url) || ids.slice(0, 2).some((id) => id === idIn(url))
            ? { status: 503, body: "" }
            : { body: row(idIn(url)) },
    );
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
    t.deepEqual(
        looks.map(({ status }) => status),
        ["rejected", "rejected", "fulfilled", "fulfilled", "fulfilled"],
    );
});

test("where the first and the last action of a failed list are not there, the others are still read", async (t) => {
    const ids = Array.from({ length: 4 }, () => randomUUID());
    const gone: readonly (string | undefined)[] = [ids[0], ids[3]];
    await using api = await startApiServer(({ url }) =>
        isList(url) ? { status: 503, body: "" } : gone.includes(idIn(url)) ? notFound : { body: row(idIn(url)) },
    );
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
    t.deepEqual(
        looks.map((look) => (look.status === "rejected" ? look.reason.code : look.value.action.status)),
        ["ERR_DEFENDER_NOT_FOUND", "Pending", "Pending", "ERR_DEFENDER_NOT_FOUND"],
    );
});

test("where a list has no usable answer, an action is read though the API cannot show the first and the last", async (t) => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    await using api = await startApiServer(({ url }) =>
        isList(url) ? { body: "<html>" } : idIn(url) === ids[1] ? { body: row(idIn(url)) } : { status: 503, body: "" },
    );
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled(ids.map((id) => observer.read(id)));
    t.deepEqual(
        looks.map(({ status }) => status),
        ["rejected", "fulfilled", "rejected"],
    );
});

test("where one action of a failed list is not there, the others are still read", async (t) => {
    const [gone, ...others] = Array.from({ length: 4 }, () => randomUUID());
    await using api = await startApiServer(({ url }) =>
        isList(url) ? { status: 503, body: "" } : idIn(url) === gone ? notFound : { body: row(idIn(url)) },
    );
    const observer = observerOf(api.url);
    const looks = await Promise.allSettled([gone ?? "", ...others].map((id) => observer.read(id)));
    t.deepEqual(
        looks.map((look) => (look.status === "rejected" ? look.reason.code : look.value.action.status)),
        ["ERR_DEFENDER_NOT_FOUND", "Pending", "Pending", "Pending"],
    );
});

const noAnswers: Readonly<Record<string, { status?: number; body: unknown }>> = {
    HTML: { body: "<html>" },
    "something else": { body: { items: [] } },
    "pages in a circle": { body: { value: [], "@odata.nextLink": "?$filter=x" } },
    "501": { status: 501, body: "" },
};
for (const [what, body] of Object.entries(noAnswers)) {
    test(`where a list answers with ${what}, each id is read alone`, async (t) => {
        const ids = [randomUUID(), randomUUID()];
        await using api = await startApiServer(({ url }) => (isList(url) ? body : { body: row(idIn(url)) }));
        const observer = observerOf(api.url);
        const seen = await Promise.all(ids.map((id) => observer.read(id)));
        t.deepEqual(
            seen.map(({ action }) => action.id),
            ids,
        );
    });
}

test("of a list that ignores the filter no further page is read", async (t) => {
    const ids = [randomUUID(), randomUUID()];
    const rest = Array.from({ length: 5 }, () => row(randomUUID()));
    await using api = await startApiServer(({ url }, nth) =>
        isList(url)
            ? { body: { value: rest, "@odata.nextLink": `?$skip=${nth}` } }
            : { body: row(idIn(url), { status: "Cancelled" }) },
    );
    const observer = observerOf(api.url);
    await Promise.all(ids.map((id) => observer.read(id)));
    t.is(api.seen.filter(({ url }) => isList(url)).length, 1);
});

test("a list that fails fails those who asked, and nobody else", async (t) => {
    const one = randomUUID();
    const ids = [one, randomUUID()];
    await using api = await startApiServer(({ url }) =>
        isList(url) ? { status: 401, body: "" } : { body: row(idIn(url)) },
    );
    const observer = observerOf(api.url);
    for (const { status } of await Promise.allSettled(ids.map((id) => observer.read(id)))) {
        t.is(status, "rejected");
    }
    t.is((await observer.read(one)).action.id, one);
    t.is(api.seen.length, 2, "nobody else is asked for again");
});
