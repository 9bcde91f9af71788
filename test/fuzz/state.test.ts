import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { isProven, outputNames } from "../../provider/model/outputs.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { expectable, type Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { startSimulator } from "../../simulator/index.ts";
import { cancellationFace, setFace } from "../helpers/dynamic-face.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { edited, hostileJson, hostileText } from "../helpers/hostile.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const other = "0d644968-1ae3-4156-8db4-825ef705871b";
const __provider = "exports.handler = …";
const inputNames = [
    "machineActionId",
    "comment",
    "expect",
    "notAfter",
    "ifAlreadyFinal",
    "onReissue",
    "declaredBy",
    "desiredStatus",
];
const keys = [
    ...[
        ...outputNames,
        ...inputNames,
        ...expectable,
        "reissues",
        "results",
        "counts",
        "cancellations",
        "maxCancellations",
    ],
    ...[id, other, "id", "at", "run", "posts", "postStatus", "failure", "proofSha256", "digest", "reissueWindowHours"],
];
const values = [
    ...[
        id,
        other,
        "Cancelled",
        "Succeeded",
        "Pending",
        "TimeOut",
        "tooLate",
        "cancelled",
        "accept",
        "cancel",
        "ignore",
    ],
    ...["2026-05-04T10:36:47.296Z", "9999-99-99T99:99:99Z", "../../machines", `${id}/../x?`, "INC-4711", 72, 1e300],
];
const anyJson = hostileJson(keys, ...values);
const asProperties = (value: unknown) => Object(value) as Properties;

const reissue = { id: other, requestor: "soar", creationDateTimeUtc: "2026-05-04T12:00:00Z", status: "Pending" };
const stored = {
    __provider,
    machineActionId: id,
    comment: "INC-4711",
    declaredBy: "p/s/n",
    status: "Cancelled",
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    creationDateTimeUtc: "2026-05-04T10:36:47.296Z",
    outcome: "cancelled",
    effect: "prevented",
    statusBeforeCancel: "Pending",
    requestedAtUtc: "2026-05-04T11:00:00.000Z",
    confirmedAtUtc: "2026-05-04T11:00:01.000Z",
    evidence: {
        commentSent: "INC-4711 [pulumi p/s/n 0123456789ab]",
        digest: "00",
        posts: 1,
        apiHost: "x",
        proofSha256: "00",
    },
};
const outputs = fc.oneof(
    edited(stored, anyJson),
    edited({ ...stored, reissues: [reissue] }, anyJson),
    edited({ ...stored, status: "InProgress", outcome: undefined, confirmedAtUtc: undefined }, anyJson),
    anyJson.map(asProperties),
);
const result = fc.oneof(edited({ ...stored, at: 0, run: 0 }, anyJson), anyJson);
const setOutputs = fc.oneof(
    fc
        .tuple(result, result)
        .map(([one, two]) => ({ comment: "INC-4711", evidence: [{}], results: { [id]: one, [other]: two } })),
    edited({ comment: "INC-4711", digest: "00", evidence: [], results: { [id]: { ...stored, at: 0 } } }, anyJson),
    anyJson.map(asProperties),
);
const news = { __provider, machineActionId: id, comment: "INC-4711", declaredBy: "p/s/n", desiredStatus: "Cancelled" };
const setNews = {
    __provider,
    comment: "INC-4711",
    declaredBy: "p/s/n",
    desiredStatus: "Cancelled",
    cancellations: [{ machineActionId: id }, { machineActionId: other }],
};

/** As the SDK's plugin takes it: what goes on over gRPC. */
function assertCarriable(value: unknown): void {
    assert.ok(value !== undefined && JSON.stringify(value).isWellFormed());
    assert.deepEqual(JSON.parse(JSON.stringify(value)), value);
}

/** An error as the engine shall show it: one clean message, and no line of a stack. */
function assertTyped(error: unknown): void {
    assert.ok(error instanceof Error && !/^\s+at /m.test(error.stack ?? ""), `${(error as Error)?.stack ?? error}`);
    assert.ok(!isDeceptive(error.message), error.message);
    assert.match(error.message, /ERR_DEFENDER_|the id .* is not that of a machine action/);
    assert.doesNotMatch(error.message, /\b(?:Type|Range|URI)Error\b|is not a function|Cannot read prop/);
}

test("a diff of any state never throws, and no changes are only where everything is proven", (t) => {
    const open = () => assert.fail("a diff asks nobody");
    const [single, set] = [cancellationFace(open, open), setFace(open, open)];
    return fuzz(
        t,
        "diff of state",
        fc.asyncProperty(outputs, setOutputs, async (olds, setOlds) => {
            const one = await single.diff(id, olds, news);
            assert.ok(one.changes || isProven(olds), "unproven");
            const isStanding = (entry: { status?: string }) => !["Cancelled", "TimeOut"].includes(entry?.status ?? "");
            // Where nothing is stored of them there are none.
            const reissues = (olds as { reissues?: unknown }).reissues ?? [];
            assert.ok(one.changes || (Array.isArray(reissues) && !reissues.some(isStanding)), "re-issues");
            assert.deepEqual(one.replaces, []);
            const many = await set.diff("set-1", setOlds, setNews);
            const results = Object((setOlds as { results?: unknown }).results);
            assert.ok(many.changes || [id, other].every((key) => isProven(Object(results[key]))), "unproven in a set");
        }),
    );
});

test("a check of any inputs says what is wrong with each, and lets nothing pass that could not be sent", (t) => {
    const open = () => assert.fail("a check asks nobody");
    const [single, set] = [cancellationFace(open, open), setFace(open, open)];
    return fuzz(
        t,
        "check of inputs",
        fc.asyncProperty(
            fc.oneof(edited(news, anyJson), anyJson.map(asProperties)),
            fc.oneof(edited(setNews, anyJson), anyJson.map(asProperties)),
            async (given, givenSet) => {
                for (const { inputs, failures } of [await single.check({}, given), await set.check({}, givenSet)]) {
                    assertCarriable(inputs);
                    assert.equal(inputs.desiredStatus, "Cancelled");
                    for (const { property, reason } of failures) {
                        assert.ok(
                            typeof property === "string" && !isDeceptive(reason) && reason.length < 1_000,
                            reason,
                        );
                    }
                    if (failures.length === 0) {
                        assert.ok(typeof inputs.comment === "string" && !isDeceptive(inputs.comment));
                        const again = inputs.cancellations
                            ? await set.check({}, inputs)
                            : await single.check({}, inputs);
                        assert.deepEqual(again, { inputs, failures }, "what passes passes again");
                    }
                }
            },
        ),
    );
});

test("read, update and delete of any state end as they should or with a typed error; only an update sends", async (t) => {
    const clock = recordedClock();
    await fuzz(
        t,
        "steps of state",
        fc.asyncProperty(
            fc.constantFrom("read", "update", "delete"),
            fc.boolean(),
            fc.oneof(
                { weight: 9, arbitrary: fc.constantFrom(id, id.toUpperCase()) },
                { weight: 1, arbitrary: hostileText },
            ),
            outputs,
            setOutputs,
            async (step, isSet, givenId, olds, setOlds) => {
                await using simulator = await startSimulator({ actions: [{ id }, { id: other }], now: clock.now });
                const settings = readSettings(() => undefined, {
                    DEFENDER_API_URL: simulator.url,
                    DEFENDER_ACCESS_TOKEN: "state-token",
                    DEFENDER_VISIBILITY_SECONDS: "0",
                });
                const stop = new AbortController().signal;
                const ties = { clock, stop, quotaStore: memoryStore(), log: () => {}, gatherMs: 0 };
                const open = () => openSession(settings, ties);
                const lifecycle = isSet ? setFace(open, () => {}) : cancellationFace(open, () => {});
                const before = isSet ? setOlds : olds;
                try {
                    switch (step) {
                        case "read":
                            assertCarriable(await lifecycle.read(givenId, before));
                            break;
                        case "update":
                            assertCarriable(await lifecycle.update(id, before, isSet ? setNews : news));
                            break;
                        default:
                            await lifecycle.delete(givenId, before);
                    }
                } catch (error) {
                    assertTyped(error);
                }
                const cancels = simulator.requests.filter(({ operation }) => operation === "cancel");
                assert.ok(step === "update" || cancels.length === 0, "only an update sends");
                const sentTo = cancels.map(({ actionId }) => actionId);
                assert.ok(
                    sentTo.every((one) => one === id || (isSet && one === other)),
                    "only what is declared is cancelled",
                );
                assert.equal(new Set(sentTo).size, sentTo.length, "and once");
                for (const { path } of simulator.requests) {
                    assert.match(path, /^\/api\/(?:machineactions|machines)(?:\/[0-9a-f-]{36}(?:\/cancel)?)?$/);
                }
            },
        ),
    );
});
