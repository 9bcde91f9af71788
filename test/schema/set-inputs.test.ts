import { randomUUID } from "node:crypto";
import test from "ava";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { checkSetInputs, entriesOf, hasUnknowns, setDigest } from "../../provider/schema/set-inputs.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

const entriesFor = (count: number) => Array.from({ length: count }, () => ({ machineActionId: randomUUID() }));
const check = (changes: object) =>
    checkSetInputs({ cancellations: [{ machineActionId: id }], comment: "INC-4711", ...changes });
const failuresOf = (changes: object) => check(changes).failures.map(({ property, reason }) => [property, reason]);

test("ids are kept in lower case, and what a refresh wrote is overwritten", (t) => {
    const { inputs, failures } = check({
        cancellations: [{ machineActionId: id.toUpperCase() }],
        desiredStatus: "Pending",
        deviations: { [id]: "InProgress" },
    });
    t.deepEqual(failures, []);
    t.deepEqual(inputs, {
        cancellations: [{ machineActionId: id }],
        comment: "INC-4711",
        desiredStatus: "Cancelled",
    });
});

test("the note of an entry is for reviewers: it is checked, and neither stored nor part of the digest", (t) => {
    const others = { machineActionId: id, expect: { type: "Isolate" } };
    const plain = check({ cancellations: [others] }).inputs;
    for (const note of ["it ran; the owner knows", unknown]) {
        const { inputs, failures } = check({ cancellations: [{ ...others, note }] });
        t.deepEqual(failures, []);
        t.deepEqual(inputs, plain);
        t.false(hasUnknowns(inputs));
    }
    for (const note of ["", "a\nb", "a\u202eb", 7]) {
        const [[property, reason = ""] = [], more] = failuresOf({ cancellations: [{ ...others, note }] });
        t.is(property, "cancellations[0].note");
        t.regex(reason, /expected one line of text/);
        t.is(more, undefined);
    }
    const given = { cancellations: [{ ...others, note: "x" }], comment: "INC-4711" };
    t.is(setDigest(entriesOf(given)), setDigest(entriesOf(plain)));
});

test("what is missing or wrong is named by its path", (t) => {
    t.deepEqual(
        checkSetInputs({}).failures.map(({ property }) => property),
        ["cancellations", "comment"],
    );
    const rows = [
        [{ cancellations: "all" }, "cancellations", /is "all": expected a list of cancellations/],
        [{ cancellations: [id] }, "cancellations[0]", /expected an object/],
        [{ cancellations: [{}] }, "cancellations[0].machineActionId", /is missing/],
        [{ cancellations: [{ machineActionId: "x" }] }, "cancellations[0].machineActionId", /a GUID/],
        [{ cancellations: [{ machineActionId: id, comment: "no" }] }, "cancellations[0].comment", /an entry of a set/],
        [
            { cancellations: [{ machineActionId: id, ifAlreadyFinal: "yes" }] },
            "cancellations[0].ifAlreadyFinal",
            /"fail" or "accept"/,
        ],
        [
            { cancellations: [{ machineActionId: id, expect: { host: "x" } }] },
            "cancellations[0].expect.host",
            /not a property of an expectation/,
        ],
        [{ maxCancellations: 5_001 }, "maxCancellations", /a whole number from 1 to 5000/],
        [{ maxCancellations: 1.5 }, "maxCancellations", /a whole number/],
        [{ notAfter: "tomorrow" }, "notAfter", /RFC 3339/],
        [{ wait: true }, "wait", /not a property of a set of cancellations/],
    ] as const;
    for (const [changes, property, reason] of rows) {
        const [failure, second] = failuresOf(changes);
        t.is(failure?.[0], property);
        t.regex(failure?.[1] ?? "", reason);
        t.is(second, undefined, JSON.stringify(changes));
    }
});

test("an id or an expectation that is no text at any place is named, and is no entry", (t) => {
    const value = { toString: "no function" };
    const wrong = { comment: "INC-4711", cancellations: [{ machineActionId: value, expect: { requestor: value } }] };
    t.deepEqual([...entriesOf(wrong).keys()], []);
    t.deepEqual(
        checkSetInputs(wrong).failures.map(({ property }) => property),
        ["cancellations[0].machineActionId", "cancellations[0].expect.requestor"],
    );
    const [[, entry] = []] = entriesOf({ cancellations: [{ machineActionId: "a", expect: { requestor: value } }] });
    t.deepEqual(entry?.declared.expect, { requestor: "an object" });
});

test("the same id twice is refused, whatever its case, with the place of the first", (t) => {
    t.deepEqual(failuresOf({ cancellations: [{ machineActionId: id }, { machineActionId: id.toUpperCase() }] }), [
        [
            "cancellations[1].machineActionId",
            `cancellations[1].machineActionId is "${id}", which cancellations[0] already has`,
        ],
    ]);
});

test("more than maxCancellations is a failure that names both numbers; 100 where nothing is said", (t) => {
    t.deepEqual(failuresOf({ cancellations: entriesFor(100) }), []);
    t.deepEqual(failuresOf({ cancellations: entriesFor(101) }), [
        [
            "cancellations",
            "cancellations has 101 entries, more than maxCancellations (100): raise it if that is intended",
        ],
    ]);
    t.deepEqual(failuresOf({ cancellations: entriesFor(101), maxCancellations: 101 }), []);
    t.deepEqual(failuresOf({ cancellations: entriesFor(101), maxCancellations: unknown }), []);
});

test("5,000 are the most, whatever maxCancellations says", (t) => {
    t.deepEqual(failuresOf({ cancellations: entriesFor(5_000), maxCancellations: 5_000 }), []);
    t.deepEqual(failuresOf({ cancellations: entriesFor(5_001), maxCancellations: 5_000 }), [
        ["cancellations", "cancellations has 5001 entries: expected at most 5000 in one set; make several sets"],
    ]);
});

test("a list that is too long to be handed to the engine is refused, with its length", (t) => {
    const entry = () => ({ machineActionId: randomUUID(), expect: { requestorComment: "x".repeat(7_900) } });
    const listOf = (count: number) => ({
        cancellations: Array.from({ length: count }, entry),
        maxCancellations: 5_000,
    });
    t.deepEqual(failuresOf(listOf(490)), []);
    const [[property, reason] = []] = failuresOf(listOf(510));
    t.is(property, "cancellations");
    t.regex(reason ?? "", /^cancellations has 4\d{6} bytes as JSON: expected at most 4000000; leave requestorComment/);
    const wide = entriesFor(510).map((one) => ({ ...one, expect: { requestorComment: "机".repeat(2_650) } }));
    t.is(failuresOf({ cancellations: wide, maxCancellations: 5_000 }).length, 1, "bytes count, not characters");
});

test("of a wrong list of thousands the first failures are named", (t) => {
    const failures = failuresOf({ cancellations: entriesFor(100).map(() => ({ machineActionId: "x" })) });
    t.is(failures.length, 21);
    t.deepEqual(failures.at(-1)?.[1], "and 179 more failures of this kind");
});

test('onReissue "cancel" takes a time limit, and the requestor of each entry', (t) => {
    const failures = failuresOf({
        onReissue: "cancel",
        cancellations: [{ machineActionId: id }, { machineActionId: randomUUID(), expect: { requestor: "soar" } }],
    });
    t.deepEqual(
        failures.map(([property]) => property),
        ["notAfter", "cancellations[0].expect.requestor", "notAfter"],
    );
});

test("what is not known yet passes", (t) => {
    for (const cancellations of [
        unknown,
        [unknown, unknown],
        [{ machineActionId: unknown }, { machineActionId: unknown }],
        [{ machineActionId: id, expect: unknown }],
    ]) {
        t.deepEqual(failuresOf({ cancellations }), []);
        t.true(hasUnknowns({ cancellations }));
    }
    t.false(hasUnknowns({ cancellations: [{ machineActionId: id }] }));
    t.false(hasUnknowns({}));
});

test("an entry has the inputs of the set, and its own win", (t) => {
    const entries = entriesOf({
        cancellations: [{ machineActionId: id, ifAlreadyFinal: "accept" }],
        comment: "INC-4711",
        ifAlreadyFinal: "fail",
        notAfter: "2026-05-05T08:00:00Z",
        maxCancellations: 5,
        desiredStatus: "Cancelled",
    });
    t.deepEqual(entries.get(id), {
        given: { machineActionId: id, ifAlreadyFinal: "accept" },
        declared: declaredCancellation(id, {
            comment: "INC-4711",
            ifAlreadyFinal: "accept",
            notAfter: "2026-05-05T08:00:00Z",
        }),
    });
});

test("the digest is that of what is declared, in whatever order", (t) => {
    const entries = entriesFor(3);
    const digest = (cancellations: unknown[], changes = {}) =>
        setDigest(entriesOf({ cancellations, comment: "a", ...changes }));
    t.regex(digest(entries), /^[0-9a-f]{64}$/);
    t.is(digest(entries), digest(entries.toReversed(), { comment: "b", maxCancellations: 7 }));
    t.not(digest(entries), digest(entries.slice(1)));
    t.not(digest(entries), digest(entries, { notAfter: "2026-05-05T08:00:00Z" }));
    t.not(digest(entries), digest([{ ...entries[0], expect: { type: "Isolate" } }, ...entries.slice(1)]));
});
