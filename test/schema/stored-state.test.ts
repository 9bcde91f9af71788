import test from "ava";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { faultOfCancellation, faultOfSet } from "../../provider/schema/stored-state.ts";
import stateV1 from "../engine/fixtures/state-v1.json" with { type: "json" };
import { cancellationFace, setFace } from "../helpers/dynamic-face.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const proven = { machineActionId: id, comment: "INC-4711", status: "Cancelled", outcome: "cancelled" };

test("what version 1 has stored is sound", (t) => {
    const ours = stateV1.deployment.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/defender:"));
    t.true(ours.length > 3);
    for (const { type, urn, outputs } of ours as { type: string; urn: string; outputs: Properties }[]) {
        t.is(type.endsWith("Set") ? faultOfSet(outputs) : faultOfCancellation(outputs), undefined, urn);
    }
});

const faults: Readonly<Record<string, readonly [changes: Properties, fault: RegExp]>> = {
    "a status that is no text": [{ status: ["Cancelled"] }, /^status is a list: expected text$/],
    "a re-issue that is nothing": [{ reissues: [null] }, /^reissues is a list: expected a list of re-issues/],
    "a re-issue whose id is a path": [{ reissues: [{ id: "../machines", status: "Pending" }] }, /each with the id/],
    "re-issues that are no list": [{ reissues: {} }, /^reissues is an object/],
    "evidence that is text": [{ evidence: "yes" }, /^evidence is "yes": expected an object of texts and numbers$/],
    "a time limit that is none": [{ notAfter: "9999-99-99T00:00:00Z" }, /^notAfter is .*expected a time/],
    "an expectation of objects": [
        { expect: { type: { toString: 1 } } },
        /^expect is an object: expected an object of texts/,
    ],
};

for (const [what, [changes, fault]] of Object.entries(faults)) {
    test(`${what} in a state is a change, and neither refresh nor up goes on from it`, async (t) => {
        const open = () => t.fail("nobody is asked") as never;
        const olds = { ...proven, ...changes };
        t.regex(faultOfCancellation(olds) ?? "", fault);
        const single = cancellationFace(open, open);
        t.true((await single.diff(id, olds, proven)).changes);
        const message =
            /^ERR_DEFENDER_STATE: the state of machine action 5f2c7a10-\S+ cannot be used: .*\. Nothing was sent\./;
        t.is((await t.throwsAsync(single.read(id, olds), { message }))?.stack, "its resource shows the reasons");
        await t.throwsAsync(single.update(id, olds, proven), { message });

        const set = setFace(open, open);
        const many = { comment: "INC-4711", results: { [id]: { ...olds, at: 0 } } };
        const news = { comment: "INC-4711", cancellations: [{ machineActionId: id }] };
        t.true((await set.diff("set-1", many, news)).changes);
        await t.throwsAsync(set.read("set-1", many), {
            message: /^ERR_DEFENDER_STATE: the state of the set set-1 cannot/,
        });
        await t.throwsAsync(set.update("set-1", many, news), { message: /^ERR_DEFENDER_STATE: / });
    });
}

test("a first read, which has no record yet, refuses what it cannot use as well", async (t) => {
    const open = () => t.fail("no request is due") as never;
    const message = /^ERR_DEFENDER_STATE: .*: notAfter is "soon": expected a time\. Nothing was sent\./;
    await t.throwsAsync(cancellationFace(open, open).read(id, { notAfter: "soon" }), { message });
});

test("the results of a set are objects under the ids of actions", (t) => {
    t.regex(faultOfSet({ results: [] }) ?? "", /^results is a list: expected an object$/);
    t.regex(faultOfSet({ results: { [id]: null } }) ?? "", /^results\.5f2c7a10-\S+ is not an object$/);
    t.regex(
        faultOfSet({ results: { "../machines": proven } }) ?? "",
        /^the key results\.\.\.\/machines is .*expected a GUID$/,
    );
    t.regex(faultOfSet({ results: { [id]: { at: "1" } } }) ?? "", /\.at is "1": expected a number$/);
    t.regex(faultOfSet({ evidence: [5] }) ?? "", /^evidence is a list: expected a list of objects$/);
    t.is(faultOfSet({}), undefined);
});
