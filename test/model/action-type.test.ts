import test from "ava";
import fc from "fast-check";
import { foldType, isKnownType, isSameType, knownTypes, typeFilter } from "../../provider/model/action-type.ts";
import { reversalOf } from "../../provider/model/machine-action.ts";
import { isIssuedAgain } from "../../provider/reissues/reissue.ts";

const spellings: readonly (readonly [string, ...string[]])[] = [
    ["LiveResponse", "Live Response", "live-response", "LIVE_RESPONSE", " Live\u00a0Response ", "Live\u200bResponse"],
    ["RunAntiVirusScan", "Run Anti Virus Scan", "run antivirus scan", "Run-AntiVirus.Scan"],
    ["Unisolate", "UNISOLATE", "un-isolate", "Un Isolate", "Uni\u00adsolate"],
    ["StopAndQuarantineFile", "Stop & AndQuarantineFile", "stop and quarantine file"],
];

test("types are the same by their letters and digits, however they are spelled", (t) => {
    for (const [type, ...others] of spellings) {
        for (const other of others) {
            t.true(isSameType(type, other), other);
            t.true(isKnownType(other), other);
        }
    }
    t.false(isSameType("Isolate", "Unisolate"));
    t.false(isSameType("Isolate", "Isolate2"));
    t.false(isSameType(undefined, undefined), "two that are missing are not known to be the same");
});

test("look-alike and full-width letters make another type, and an unknown one", (t) => {
    for (const type of [
        "Unisоlate",
        "Ｕｎｉｓｏｌａｔｅ",
        "Un\u0131solate",
        "Uni\u0336solate",
        "Unlsolate",
        "Unknown",
        "",
    ]) {
        t.false(isKnownType(type), type);
        t.false(isSameType(type, "Unisolate"), type);
    }
});

test("types without a letter or a digit are the same only where they are written alike", (t) => {
    t.true(isSameType(" - ", "-"));
    t.false(isSameType("-", "_"));
    t.false(isSameType("-", ""));
});

test("folding is done once and for all, and what stands between letters does not count", (t) => {
    fc.assert(
        fc.property(fc.string({ unit: "binary" }), (type) => {
            t.is(foldType(foldType(type)), foldType(type));
        }),
    );
    fc.assert(
        fc.property(fc.constantFrom(...knownTypes), fc.stringMatching(/^[ ._\-/]{0,3}$/), (type, between) => {
            t.true(isSameType(type, [...type].join(between)));
        }),
    );
});

test("a filter names every known spelling, and leaves out what it could not find", (t) => {
    t.is(typeFilter(["isolate"]), "type eq 'Isolate'");
    t.is(
        typeFilter(["live response"]),
        "(type eq 'LiveResponse' or type eq 'Live Response' or type eq 'Live-Response' or type eq 'Live_Response')",
    );
    t.is(typeFilter(["Isolate", "Offboard", "ISOLATE"]), "(type eq 'Isolate' or type eq 'Offboard')");
    t.is(typeFilter(["Isolate", "ContainUser"]), undefined);
    t.is(typeFilter([]), undefined);
});

test("an advice and a re-issue do not depend on the spelling", (t) => {
    t.is(reversalOf("Live Response"), reversalOf("LiveResponse"));
    t.is(reversalOf("restrict-code-execution"), "submit UnrestrictCodeExecution to reverse it");
    const machineId = "a".repeat(40);
    const first = { id: "a", machineId, type: "LiveResponse", createdAt: 0 };
    const later = { id: "b", machineId, status: "Pending", creationDateTimeUtc: "2026-05-05T07:00:00Z", commands: [] };
    t.true(isIssuedAgain(first, { ...later, type: "Live Response" }));
    t.false(isIssuedAgain(first, { ...later, type: "Isolate" }));
    t.false(isIssuedAgain(first, later));
});
