import { runtime } from "@pulumi/pulumi";
import test from "ava";
import fc from "fast-check";
import { checkInputs, pickInputs, unknownValue } from "../provider/inputs.ts";

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
        "comment: comment is missing: expected text that is not blank: Defender records it as the reason of the " +
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

test("an input of a later version is refused, not ignored", (t) => {
    for (const name of ["expect", "notAfter", "onReissue", "reissueWindowHours"]) {
        t.deepEqual(reasons({ ...good, [name]: unknownValue }), [`${name}: ${name} is not supported yet: remove it`]);
    }
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
