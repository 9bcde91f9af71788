import test from "ava";
import fc from "fast-check";
import { type Fault, type FaultRequest, faultScript, type ScriptedFault } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

type Asked = Pick<FaultRequest, "operation" | "actionId">;

/** What a script says to requests that come one after another. */
function said(script: readonly ScriptedFault[], requests: readonly Asked[]): (Fault | undefined)[] {
    const plan = faultScript(script);
    const counts = new Map<string, number>();
    return requests.map((request, index) => {
        const nth = (counts.get(request.operation) ?? 0) + 1;
        counts.set(request.operation, nth);
        return plan({ ...request, nth, nthOverall: index + 1 });
    });
}

const get: Asked = { operation: "get", actionId: idOf(1) };
const cancel: Asked = { operation: "cancel", actionId: idOf(1) };
const list: Asked = { operation: "list" };

test("a line counts the requests that it fits, and goes off at the nth of them", (t) => {
    const script: ScriptedFault[] = [{ operation: "cancel", nth: 2, fault: "drop after" }];
    t.deepEqual(said(script, [cancel, get, cancel, cancel]), [undefined, undefined, "drop after", undefined]);
    t.deepEqual(said([{ nth: [1, 3], fault: "401" }], [cancel, get, list]), ["401", undefined, "401"]);
    t.deepEqual(said([{ operation: "get", fault: "429" }], [get, list, get]), ["429", undefined, "429"]);
});

test("a line for one action counts the requests about that action", (t) => {
    const script: ScriptedFault[] = [{ actionId: idOf(10).toUpperCase(), nth: 1, fault: "500 before" }];
    const other = { ...get, actionId: idOf(10) };
    t.deepEqual(said(script, [get, other, other, list]), [undefined, "500 before", undefined, undefined]);
});

test("of several lines that fit the first one counts, and all of them count the request", (t) => {
    const script: ScriptedFault[] = [
        { operation: "get", nth: 1, fault: "401" },
        { nth: [1, 2], fault: "503 before" },
    ];
    t.deepEqual(said(script, [get, cancel, get]), ["401", "503 before", undefined]);
});

test("a list's fault without an operation fits lists alone", (t) => {
    t.deepEqual(said([{ nth: 1, fault: "repeats a row" }], [get, list, list]), [undefined, "repeats a row", undefined]);
});

test("a script goes through JSON unchanged, and comes out as the same plan", (t) => {
    const fault = fc.constantFrom<Fault>(
        "drop before",
        "cut JSON",
        { name: "429", retryAfterSeconds: 8, message: "wait" },
        { name: "slow first byte", milliseconds: 5 },
        { name: "not visible", actionId: idOf(1) },
        { name: "links to another host", origin: "https://api.contoso.example" },
        { name: "answer", when: "after", status: 500, body: "<html>", headers: { "content-type": "text/html" } },
    );
    const line = fc.record(
        {
            operation: fc.constantFrom("get", "list", "cancel"),
            nth: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 1, max: 5 }))),
            actionId: fc.constantFrom(idOf(1), idOf(2)),
            fault,
        },
        { requiredKeys: ["fault"] },
    );
    // "links to another host" goes with lists alone.
    const script = fc.array(line.map((one) => (isHostFault(one.fault) ? { fault: one.fault } : one)));
    const requests = fc.array(fc.constantFrom(get, cancel, list, { ...get, actionId: idOf(2) }));
    fc.assert(
        fc.property(script, requests, (lines: ScriptedFault[], asked: Asked[]) => {
            const written = JSON.parse(JSON.stringify(lines)) as ScriptedFault[];
            t.deepEqual(said(written, asked), said(lines, asked));
        }),
    );
});

function isHostFault(fault: Fault): boolean {
    return typeof fault === "object" && fault.name === "links to another host";
}

for (const [what, script, place] of [
    ["something else than a list", { fault: "401" }, ""],
    ["an unknown fault", [{ fault: "401" }, { fault: "drop it" }], "[1].fault"],
    ["a fault without what it needs", [{ fault: { name: "slow first byte" } }], "[0].fault"],
    ["an unknown key", [{ fault: "401", nht: 1 }], "nht"],
    ["an unknown operation", [{ operation: "GET", fault: "401" }], "[0].operation"],
    ["an ordinal that is none", [{ nth: 0, fault: "401" }], "[0].nth"],
    ["a header that would split the answer", [{ fault: withHeader("a\r\nb") }], "[0].fault"],
    ["a list's fault for another operation", [{ operation: "get", fault: "lacks a row" }], "[0].fault"],
] as const) {
    test(`a script with ${what} is refused in one line that names the place`, (t) => {
        const error = t.throws(() => faultScript(script as unknown as ScriptedFault[]), { instanceOf: TypeError });
        t.true(error?.message.startsWith("The fault script is malformed: "));
        t.true(error?.message.includes(place), error?.message);
        t.notRegex(error?.message ?? "", /\n/);
    });
}

function withHeader(value: string): Fault {
    return { name: "answer", when: "before", status: 200, headers: { "x-own": value } };
}
