import test from "ava";
import fc from "fast-check";
import {
    declarationDigest,
    hasTagOf,
    imitatesTag,
    shortDigest,
    taggedComment,
} from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";

/** The digest of these inputs, with the defaults of those that are not given. */
const digestOf = (inputs: readonly (Properties & { readonly machineActionId: string })[]) =>
    declarationDigest(inputs.map((one) => declaredCancellation(one.machineActionId, one)));

const entry = fc.record({
    machineActionId: fc.uuid(),
    ifAlreadyFinal: fc.constantFrom("fail", "accept", undefined),
});
const entries = fc.uniqueArray(entry, { minLength: 1, selector: ({ machineActionId }) => machineActionId });

test("the digest depends on what is declared, not on its order, the case of ids or a default that is spelled out", (t) => {
    fc.assert(
        fc.property(entries, (declared) => {
            const same = declared
                .map(({ machineActionId, ifAlreadyFinal }) => ({
                    machineActionId: machineActionId.toUpperCase(),
                    ifAlreadyFinal: ifAlreadyFinal ?? "fail",
                }))
                .reverse();
            return digestOf(declared) === digestOf(same);
        }),
    );
    t.pass();
});

test("another id, another policy, an entry more: another digest", (t) => {
    fc.assert(
        fc.property(entries, fc.uuid(), (declared, other) => {
            const digest = digestOf(declared);
            const [first, ...rest] = declared;
            fc.pre(first !== undefined && declared.every(({ machineActionId }) => machineActionId !== other));
            const flipped = first?.ifAlreadyFinal === "accept" ? "fail" : "accept";
            return [
                [{ ...first, machineActionId: other }, ...rest],
                [{ machineActionId: first?.machineActionId ?? "", ifAlreadyFinal: flipped }, ...rest],
                [...declared, { machineActionId: other }],
            ].every((changed) => digestOf(changed) !== digest);
        }),
    );
    t.pass();
});

test("the digest of a declaration never changes from version to version", (t) => {
    t.is(
        digestOf([{ machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f" }]),
        "e7958193adeeded4eca65ed657f7b38bdfc26e6d4026bfbc777a7ec59a2942fb",
    );
});

test("the comment is followed by a tag that names the declaration", (t) => {
    t.is(
        taggedComment("INC-4711", "project/stack/name", "0123456789abcdef"),
        "INC-4711 [pulumi project/stack/name 0123456789ab]",
    );
    t.is(shortDigest("0123456789abcdef"), "0123456789ab");
});

test("a resource name cannot break out of the tag", (t) => {
    t.is(taggedComment("x", "p/s/n 000000000000] \u202e[y\n", "00"), "x [pulumi p/s/n 000000000000_ _y  00]");
});

test("a comment that imitates the tag is seen in any spelling", (t) => {
    for (const comment of ["[pulumi p/s/n 00]", "x [PULUMI ", "x [pulumi\tp", "［pulumi p/s/n］", "x [pulumi"]) {
        t.true(imitatesTag(comment), comment);
    }
    t.false(imitatesTag("declared with pulumi [INC-4711]"));
});

test("what is expected, until when and for how long belongs to the digest; a spelling of the same moment does not", (t) => {
    const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
    const declared = { machineActionId, expect: { type: "Isolate", requestor: "x" }, notAfter: "2026-05-04T18:00:00Z" };
    const digest = digestOf([declared]);
    t.is(digest, digestOf([{ ...declared, expect: { requestor: "x", type: "Isolate" } }]));
    t.is(digest, digestOf([{ ...declared, notAfter: "2026-05-04T20:00:00+02:00" }]));
    for (const changes of [
        { expect: { type: "Isolate" } },
        { expect: undefined },
        { notAfter: "2026-05-04T18:00:01Z" },
        { notAfter: undefined },
        { onReissue: "ignore" },
        { reissueWindowHours: 71 },
    ]) {
        t.not(digest, digestOf([{ ...declared, ...changes }]), JSON.stringify(changes));
    }
});

test("a tag is that of a declaration by its owner, whatever was declared then", (t) => {
    const comment = taggedComment("INC-4711", "project/stack/name", "0123456789abcdef");
    t.true(hasTagOf(comment, "project/stack/name"));
    t.true(hasTagOf(taggedComment("other", "project/stack/name", "ff00ff00ff00ff00"), "project/stack/name"));
    t.false(hasTagOf(comment, "project/stack/another"));
    t.false(hasTagOf(`${comment} and more`, "project/stack/name"));
    t.false(hasTagOf("INC-4711", "project/stack/name"));
    t.false(hasTagOf(undefined, "project/stack/name"));
});
