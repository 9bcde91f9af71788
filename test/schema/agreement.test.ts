import test from "ava";
import fc from "fast-check";
import { checkInputs } from "../../provider/schema/cancellation-inputs.ts";
import { parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import { expectable, isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { limits } from "../../provider/schema/limits.ts";
import { checkSetInputs } from "../../provider/schema/set-inputs.ts";
import { faultOfCancellation } from "../../provider/schema/stored-state.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";

/**
 * The check of a resource and the schema of a declaration file are two texts, because the check must not load zod. They
 * accept and refuse the same, for whatever is given.
 */

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** Mostly a value that is fine, else one that is nearly so, else anything that JSON can say. */
const value = (good: readonly unknown[], near: readonly unknown[]) =>
    fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...good) },
        { weight: 2, arbitrary: fc.constantFrom(...near) },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
    );

const numberUpTo = (max: number) => value([1, 0.5, 72, max], [0, -1, -0.5, max + 0.5, max + 1, String(max), null, [1]]);
const ifAlreadyFinal = value(["fail", "accept"], ["Fail", "", "accept ", null, ["fail"], true]);
const text = value(
    ["INC-4711: wrong machines", "Größe, 東京 – “x”"],
    ["", "  ", "\u00a0", "a\nb", "a\u202eb", 7, null],
);
const expect = fc.oneof(
    {
        weight: 8,
        arbitrary: fc.record(Object.fromEntries(expectable.map((name) => [name, text])), { requiredKeys: [] }),
    },
    { weight: 1, arbitrary: fc.constantFrom(null, [], "Isolate", {}, { Type: "x" }, { type: "x", host: "y" }) },
);
const entry = fc.oneof(
    {
        weight: 12,
        arbitrary: fc.record(
            {
                machineActionId: value([id, id.toUpperCase()], ["", "x", `${id} `, `{${id}}`, 7, null]),
                expect,
                ifAlreadyFinal,
                note: text,
            },
            { requiredKeys: ["machineActionId"] },
        ),
    },
    { weight: 1, arbitrary: fc.constantFrom({}, null, [], id, { machineActionId: id, comment: "x" }) },
);

/** What a single cancellation and a set have in common. */
const common = {
    comment: value(
        ["INC-4711", "x [scope]"],
        ["", " ", "a\nb", "a\u200bb", "x [pulumi p/s/n 00]", "[PULUMI  x]", 7, null],
    ),
    notAfter: value(
        ["2026-05-04T18:00:00Z", "2026-05-04t18:00:00.5+02:00"],
        ["2026-02-31T18:00:00Z", "2026-05-04", "2026-05-04T18:00:00", "tomorrow", "", 1_777_000_000, null],
    ),
    ifAlreadyFinal,
    onReissue: value(["drift", "cancel", "ignore"], ["Cancel", "", null, ["drift"]]),
    reissueWindowHours: numberUpTo(limits.reissueWindowHours),
    confirmWithinSeconds: numberUpTo(limits.confirmWithinSeconds),
};

const known = fc.record(
    {
        ...common,
        maxCancellations: value([1, 2, limits.maxCancellations], [0, 1.5, -1, limits.maxCancellations + 1, "2", null]),
        cancellations: fc.oneof(
            { weight: 12, arbitrary: fc.array(entry, { maxLength: 3 }) },
            { weight: 1, arbitrary: fc.constantFrom(null, {}, "all", 7) },
        ),
    },
    { requiredKeys: ["comment", "cancellations"] },
);

/** Now and then with a property that there is none of. */
const declaration = fc
    .tuple(known, fc.integer({ min: 0, max: 9 }))
    .map(([given, nth]): Properties => (nth === 0 ? { ...given, wait: true } : given));

/** The one difference: a file is read by people, so a text of `expect` must not deceive them there either. */
function deceives({ cancellations }: Properties): boolean {
    const entries = Array.isArray(cancellations) ? cancellations.filter(isObject) : [];
    return entries
        .flatMap((one) => (isObject(one.expect) ? Object.values(one.expect) : []))
        .some((one) => typeof one === "string" && isDeceptive(one));
}

function isFileAccepted(given: Properties): boolean {
    try {
        parseDeclaration(JSON.stringify({ version: 1, ...given }), "x.json");
        return true;
    } catch {
        return false;
    }
}

test("the check of a set and the schema of a declaration file accept and refuse the same", (t) => {
    const counts = { accepted: 0, refused: 0 };
    fc.assert(
        fc.property(declaration, (given) => {
            fc.pre(!deceives(given));
            const isAccepted = checkSetInputs(given).failures.length === 0;
            counts[isAccepted ? "accepted" : "refused"]++;
            return isFileAccepted(given) === isAccepted;
        }),
        { numRuns: 1_500 },
    );
    t.true(counts.accepted > 50, JSON.stringify(counts));
    t.true(counts.refused > 50, JSON.stringify(counts));
});

test("the check of a single cancellation accepts what that of a set of one accepts, and what it accepts can be stored", (t) => {
    fc.assert(
        fc.property(fc.record(common, { requiredKeys: ["comment"] }), entry, (all, given) => {
            fc.pre(isObject(given) && !("comment" in given));
            // A single cancellation has no note.
            const { note: _note, ...one } = given as Properties;
            const inputs = { ...all, ...one };
            const isAccepted = checkInputs(inputs).failures.length === 0;
            const { ifAlreadyFinal: _, ...others } = all;
            const ofSet = { ...("ifAlreadyFinal" in one ? others : all), cancellations: [one] };
            const isSame = (checkSetInputs(ofSet).failures.length === 0) === isAccepted;
            return isSame && (!isAccepted || faultOfCancellation(inputs) === undefined);
        }),
        { numRuns: 1_000 },
    );
    t.pass();
});
