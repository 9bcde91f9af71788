import { randomUUID } from "node:crypto";
import test from "ava";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { listQuery, maxQuery } from "../../provider/api/pages.ts";
import { createMachineHistory, type HistoryQuestion } from "../../provider/observe/machine-history.ts";
import { createVerifiedList, type VerifiedList } from "../../provider/observe/verified-list.ts";
import { startSimulator } from "../../simulator/index.ts";
import { type Answer, type ApiServer, startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const createdAt = Date.parse("2026-05-05T07:00:00Z");
const machineOf = (nth: number) => String(nth).padStart(40, "0");

function questionOf(nth: number, changes: Partial<HistoryQuestion> = {}): HistoryQuestion {
    return { id: randomUUID(), type: "Isolate", machineId: machineOf(nth), createdAt, ...changes };
}

const rowOf = ({ id, type, machineId }: HistoryQuestion, changes: object = {}) => ({
    id,
    type,
    machineId,
    status: "Cancelled",
    ...changes,
});

const historyOf = (apiUrl: string) =>
    createMachineHistory(
        createVerifiedList(createDefenderClient(httpTo(apiUrl, { clock: recordedClock() })), () => {}, "a re-issue"),
        20,
    );

/** Asks an API that answers each list with these rows, and says how many there are. */
async function ask(questions: readonly HistoryQuestion[], rows: readonly object[], count = rows.length) {
    await using api = await startApiServer(() => ({ body: { value: rows, "@odata.count": count } }));
    const around = historyOf(api.url);
    return await Promise.all(questions.map(around));
}

test("one list shows an action with all that was issued on its machine since", async (t) => {
    const one = { id: randomUUID(), machineId: machineOf(1) };
    await using simulator = await startSimulator({
        now: () => createdAt,
        actions: [
            { machineId: machineOf(1), creationDateTimeUtc: "2026-05-04T07:00:00Z" },
            { ...one, creationDateTimeUtc: "2026-05-05T07:00:00Z" },
            { machineId: machineOf(1), type: "Unisolate", creationDateTimeUtc: "2026-05-05T08:00:00Z" },
            { machineId: machineOf(2), creationDateTimeUtc: "2026-05-05T08:00:00Z" },
        ],
    });
    const { observation, onMachine } = { onMachine: [], ...(await historyOf(simulator.url)(questionOf(1, one))) };
    t.is(observation?.action.id, one.id);
    t.truthy(observation?.correlationId);
    t.deepEqual(
        onMachine.map(({ type }) => type),
        ["Unisolate", "Isolate"],
    );
    t.is(simulator.requests.length, 1);
});

test("a creation time that shifts between two reads does not hide the action", async (t) => {
    const one = { id: randomUUID(), machineId: machineOf(1) };
    await using simulator = await startSimulator({
        now: () => createdAt,
        actions: [{ ...one, creationDateTimeUtc: "2026-05-05T06:59:59.2Z" }],
    });
    t.truthy((await historyOf(simulator.url)(questionOf(1, one))).observation);
});

test("questions that are asked together share few lists, each of bounded length", async (t) => {
    const questions = Array.from({ length: 200 }, (_, nth) => questionOf(nth));
    const machines = (url: string) => new Set(decodeURIComponent(url).match(/[0-9]{40}/g));
    await using api = await startApiServer(({ url }) => {
        const asked = questions.filter(({ machineId }) => machines(url).has(machineId));
        return { body: { value: asked.map((question) => rowOf(question)) } };
    });
    const around = historyOf(api.url);
    const answers = await Promise.all(questions.map(around));
    t.deepEqual(
        answers.map(({ observation }) => observation?.action.id),
        questions.map(({ id }) => id),
    );
    t.true(api.seen.length < 4 && api.seen.every(({ url }) => url.length < 8_000));
});

/** What is asked for. */
async function filtersFor(questions: readonly HistoryQuestion[]): Promise<string[]> {
    const filters: string[] = [];
    const list: VerifiedList = async function* none(filter) {
        filters.push(filter);
        yield [];
    };
    await Promise.all(questions.map(createMachineHistory(list, 0)));
    return filters;
}

test("the count fits into the longest query too, however long the ids are", async (t) => {
    const lengths = await Promise.all(
        Array.from({ length: 80 }, async (_, nth) => {
            const odd = questionOf(0, { machineId: "m".repeat(40 + nth) });
            const [filter = ""] = await filtersFor([odd, ...Array.from({ length: 300 }, (_, one) => questionOf(one))]);
            return listQuery(filter, { isCounted: true }).length;
        }),
    );
    t.true(
        lengths.every((length) => length <= maxQuery && length > maxQuery - 200),
        lengths.join(),
    );
    t.is(Math.max(...lengths), maxQuery, "the longest query may be used up");
});

test("a list begins with the oldest of the actions, and a moment before", async (t) => {
    const filters = await filtersFor([questionOf(1), questionOf(2, { createdAt: createdAt - 60_000 })]);
    t.deepEqual(filters, [
        `creationDateTimeUtc ge 2026-05-05T06:58:55.000Z and (machineId eq '${machineOf(1)}' or machineId eq '${machineOf(2)}')`,
    ]);
});

test("of a list for several machines each gets what is on its own", async (t) => {
    const [one, two] = [questionOf(1), questionOf(2)];
    const answers = await ask([one, two], [rowOf(one), rowOf(two)]);
    t.deepEqual(
        answers.map((answer) => answer.observation && answer.onMachine.map(({ id }) => id)),
        [[one.id], [two.id]],
    );
});

test("a machine is asked for once, however many of its actions are asked about", async (t) => {
    const questions = [questionOf(1), questionOf(1)];
    await using api = await startApiServer(() => ({ body: { value: questions.map((question) => rowOf(question)) } }));
    const answers = await Promise.all(questions.map(historyOf(api.url)));
    t.true(answers.every(({ observation }) => observation));
    t.is(api.seen[0]?.url.match(/machineId/g)?.length, 1);
});

test("only a list that shows the action itself, once, as it was, is an answer", async (t) => {
    const [one, two] = [questionOf(1), questionOf(2)];
    const rows: readonly (readonly [object[], RegExp])[] = [
        [[rowOf(two)], /lacks the action itself/],
        [[rowOf(one), rowOf(one), rowOf(two)], /3 rows with 2 machine actions/],
        [[rowOf(one, { type: "Unisolate" }), rowOf(two)], /shows it as Unisolate/],
        [[rowOf(one, { type: null }), rowOf(two)], /shows it as an action without type/],
        [[rowOf(one, { machineId: two.machineId }), rowOf(two)], /shows it on another machine/],
        [[rowOf(one, { machineId: "stranger" }), rowOf(two)], /shows other machines, so the API ignored the filter/],
        [[rowOf(one, { machineId: null }), rowOf(two)], /shows other machines, so the API ignored the filter/],
    ];
    for (const [list, because] of rows) {
        const [first] = await ask([one, two], list);
        t.is(first?.observation, undefined);
        t.regex((first && "because" in first ? first.because : undefined) ?? "", because);
    }
    t.truthy((await ask([one], [rowOf(one, { type: "ISOLATE" })]))[0]?.observation);
});

test("a list that holds less than it counts is no answer for anybody", async (t) => {
    const [one, two] = [questionOf(1), questionOf(2)];
    for (const list of [
        [rowOf(one), rowOf(two)],
        [rowOf(one), rowOf(two), { odd: true }],
    ]) {
        const answers = await ask([one, two], list, 3);
        t.true(answers.every(({ observation }) => observation === undefined));
    }
});

test("a list that does not answer is the answer's reason, and never an error", async (t) => {
    const answers: readonly (readonly [Answer | "drop", RegExp])[] = [
        [{ status: 401, body: "" }, /^ERR_DEFENDER_UNAUTHORIZED: /],
        [{ status: 503, body: "" }, /^ERR_DEFENDER_SERVER: /],
        [{ body: { value: "none" } }, /^ERR_DEFENDER_RESPONSE: /],
        ["drop", /^ERR_DEFENDER_NETWORK: /],
    ];
    for (const [answer, because] of answers) {
        await using api = await startApiServer(() => answer);
        const around = await historyOf(api.url)(questionOf(1));
        t.regex("because" in around ? around.because : "", because);
    }
});

async function refusing(status: number, rows: readonly object[]): Promise<ApiServer> {
    return startApiServer(({ url }) => (url.includes("$count") ? { status, body: "" } : { body: { value: rows } }));
}

test("an API that does not count is asked without it, and asked so from then on", async (t) => {
    const one = questionOf(1);
    for (const status of [400, 404, 501]) {
        await using api = await refusing(status, [rowOf(one)]);
        const around = historyOf(api.url);
        const seen = [await around(one), await around(one)].map(({ observation }) => observation !== undefined);
        // A 5xx is no word about the query.
        t.deepEqual(seen, status === 501 ? [false, false] : [true, true], String(status));
        const counted = api.seen.map(({ url }) => url.includes("$count"));
        t.deepEqual(counted.slice(0, 3), status === 501 ? [true, true, true] : [true, false, false], String(status));
    }
});

test("an answer comes only from a list that began after the question", async (t) => {
    const one = questionOf(1);
    let later: Promise<unknown> | undefined;
    await using api = await startApiServer((_, nth) => {
        later ??= around(one);
        return { body: { value: [rowOf(one, { status: nth === 1 ? "Pending" : "Cancelled" })] } };
    });
    const around = historyOf(api.url);
    t.is((await around(one)).observation?.action.status, "Pending");
    t.like(await later, { observation: { action: { status: "Cancelled" } } });
});
