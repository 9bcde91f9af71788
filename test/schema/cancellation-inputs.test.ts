import { runtime } from "@pulumi/pulumi";
import test from "ava";
import fc from "fast-check";
import { checkInputs, isEdited, pickInputs } from "../../provider/schema/cancellation-inputs.ts";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const good = { machineActionId, comment: "INC-4711" };
const reasons = (news: Readonly<Record<string, unknown>>) =>
    checkInputs(news).failures.map(({ property, reason }) => `${property}: ${reason}`);

test("the value for what is not known yet is the SDK's", (t) => {
    t.is(unknownValue, runtime.unknownValue);
});

test("good inputs pass, the id in lower case, with the status that is wanted", (t) => {
    const news = {
        ...good,
        machineActionId: machineActionId.toUpperCase(),
        ifAlreadyFinal: "accept",
        confirmWithinSeconds: 5,
    };
    t.deepEqual(checkInputs(news), {
        inputs: { ...news, machineActionId, desiredStatus: "Cancelled" },
        failures: [],
    });
});

test("what is not known yet passes, wherever it stands", (t) => {
    const news = { machineActionId: unknownValue, comment: unknownValue, ifAlreadyFinal: unknownValue };
    t.deepEqual(checkInputs(news).failures, []);
});

test("each wrong input is named with what was seen and what is expected", (t) => {
    t.deepEqual(reasons({}), [
        "machineActionId: machineActionId is missing: expected the id of a machine action, a GUID such as " +
            "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
        "comment: comment is missing: expected text that is not blank, because Defender records it as the reason for the " +
            "cancellation",
    ]);
    t.deepEqual(reasons({ ...good, ifAlreadyFinal: ["accept"] }), [
        'ifAlreadyFinal: ifAlreadyFinal is a list: expected "fail" or "accept"',
    ]);
    for (const confirmWithinSeconds of ["300", 0, -1, 86_401, Number.NaN, Number.POSITIVE_INFINITY, null]) {
        t.regex(
            reasons({ ...good, confirmWithinSeconds })[0] ?? "",
            /^confirmWithinSeconds: .* expected a number of seconds/,
        );
    }
});

test("an expectation is an object of known properties with text, at least one", (t) => {
    t.deepEqual(reasons({ ...good, expect: { type: "Isolate", requestor: "soar@contoso.example" } }), []);
    t.deepEqual(reasons({ ...good, expect: { type: unknownValue } }), []);
    t.deepEqual(reasons({ ...good, expect: unknownValue }), []);
    for (const expect of [{}, { type: undefined }, [], "Isolate", null, 7]) {
        t.regex(
            reasons({ ...good, expect })[0] ?? "",
            /^expect: expect is .*: expected an object with at least one of/,
        );
    }
    t.deepEqual(reasons({ ...good, expect: { type: "Isolate", Requestor: "x" } }), [
        "expect.Requestor: expect.Requestor is not a property of an expectation: expected one of type, machineId, " +
            "computerDnsName, requestor, requestorComment, relatedFile, externalId",
    ]);
    t.deepEqual(reasons({ ...good, expect: { type: " ", machineId: 7 } }), [
        'expect.type: expect.type is " ": expected text that is not blank',
        "expect.machineId: expect.machineId is 7: expected text that is not blank",
    ]);
});

test("a time limit is a moment with its time zone", (t) => {
    for (const notAfter of ["2026-05-04T18:00:00Z", "2026-05-04t18:00:00.5+02:00", unknownValue]) {
        t.deepEqual(reasons({ ...good, notAfter }), []);
    }
    for (const notAfter of [
        "2026-02-31T18:00:00Z",
        "2026-05-04",
        "2026-05-04T18:00:00",
        "tomorrow",
        "2026-13-04T18:00:00Z",
        1_777_000_000,
        null,
    ]) {
        t.regex(reasons({ ...good, notAfter })[0] ?? "", /^notAfter: notAfter is .* RFC 3339/);
    }
});

test("re-issues are cancelled only with a time limit and a requestor", (t) => {
    const notAfter = "2026-05-04T18:00:00Z";
    const expect = { requestor: "soar@contoso.example" };
    t.deepEqual(reasons({ ...good, onReissue: "cancel", notAfter, expect }), []);
    t.deepEqual(reasons({ ...good, onReissue: "cancel", notAfter: unknownValue, expect: unknownValue }), []);
    t.deepEqual(
        checkInputs({ ...good, onReissue: "cancel", expect: { type: "Isolate" } }).failures.map(
            ({ property }) => property,
        ),
        ["notAfter", "expect.requestor"],
    );
    for (const onReissue of ["drift", "ignore"]) {
        t.deepEqual(reasons({ ...good, onReissue }), []);
    }
    t.regex(reasons({ ...good, onReissue: "Cancel" })[0] ?? "", /expected "drift" or "cancel" or "ignore"/);
    t.regex(reasons({ ...good, reissueWindowHours: 0 })[0] ?? "", /expected a number of hours/);
});

test("declared inputs differ by what they say, not by how their objects are made", (t) => {
    const declared = { ...good, expect: { type: "Isolate", requestor: "x" }, notAfter: "2026-05-04T18:00:00Z" };
    t.false(isEdited({ ...declared, declaredBy: "a" }, { ...declared, expect: { requestor: "x", type: "Isolate" } }));
    t.true(isEdited(declared, { ...declared, expect: { type: "Isolate" } }));
    t.true(isEdited(declared, good));
});

test("an unknown property is refused by name, prototype names included", (t) => {
    t.regex(
        reasons({ ...good, machineId: "x" })[0] ?? "",
        /^machineId: "machineId" is not a property .* expected one of machineActionId, comment/,
    );
    t.regex(reasons({ ...good, constructor: "x" })[0] ?? "", /"constructor" is not a property/);
});

test("only a GUID gets past, so nothing else reaches a path", (t) => {
    fc.assert(
        fc.property(fc.oneof(fc.string(), fc.webPath(), fc.anything()), (id) => {
            fc.pre(id !== undefined);
            return checkInputs({ ...good, machineActionId: id }).failures.length === 1;
        }),
    );
    t.pass();
});

test("a comment is one honest line", (t) => {
    for (const comment of [
        "",
        "  ",
        "\u00a0",
        "a\nb",
        "a\u0000",
        "a\u202eb",
        "a\u200bb",
        "x [pulumi p/s/n 00]",
        7,
        null,
    ]) {
        t.is(reasons({ ...good, comment }).length, 1, JSON.stringify(comment));
    }
    t.deepEqual(reasons({ ...good, comment: "INC-4711: Größe, 東京 – “wrong” [scope]" }), []);
});

test("the inputs among the properties of a resource are its declared ones", (t) => {
    t.deepEqual(
        pickInputs({ ...good, declaredBy: "p/s/n", desiredStatus: "Cancelled", status: "Cancelled", __provider: "x" }),
        {
            ...good,
            declaredBy: "p/s/n",
        },
    );
});

test("the name of an input is foreign text too", (t) => {
    const { failures } = checkInputs({ ...good, "x\r\u202e": 1, expect: { "y\u001b[31m\n": "z" } });
    for (const { property, reason } of failures) {
        t.false(isDeceptive(property + reason));
    }
    t.is(failures.length, 2);
});
