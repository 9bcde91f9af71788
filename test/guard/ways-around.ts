import { approvalPair, approvalText } from "../../provider/guard/approvals.ts";
import { declarationDigest } from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { ActionSeed, MachineSeed } from "../../simulator/index.ts";

export const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
export const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
export const requestor = "soar@contoso.example";

const protectRules = ["protectMachineIds", "protectTypes", "protectTags", "protectRiskScores"];

/** Of the declaration as a single resource, and as the only one of a set; of every rule on its machine, or of these. */
function approvalOf(inputs: Properties, rules: readonly string[] = protectRules, machine: string = machineId): string {
    const digest = declarationDigest([declaredCancellation(id, inputs)]);
    return approvalText(
        digest,
        rules.map((rule) => approvalPair(digest, machine, rule) ?? ""),
    );
}

export interface Attempt {
    readonly guard: string;
    readonly action?: ActionSeed;
    readonly machine?: Omit<MachineSeed, "id">;
    readonly inputs?: Properties;
    readonly environment?: NodeJS.ProcessEnv;
    readonly rule: RegExp;
}

/** Types that a rule must stop: in which guard, as the API shows them, by which reason. */
const types: readonly (readonly [what: string, guard: string, type: string, rule: RegExp])[] = [
    [
        "a protected type written in another case",
        "protectTypes: [offboard]",
        "OffBoard",
        /protectTypes: type is "OffBoard"/,
    ],
    [
        "a denied type with a blank",
        "denyTypes: [LiveResponse]",
        "Live Response",
        /denyTypes: type is "Live Response", and the rule denies "LiveResponse"/,
    ],
    [
        "a protected type with a blank",
        "protectTypes: [RestrictCodeExecution]",
        "Restrict code execution",
        /protectTypes: type is "Restrict code execution"/,
    ],
    [
        "a type that is not known, where types are denied",
        "denyTypes: [Unisolate]",
        "ReleaseFromIsolation",
        /denyTypes: type is "ReleaseFromIsolation", which this package does not know/,
    ],
    [
        "a type that is not known, where types are denied and this one is allowed",
        "denyTypes: [Unisolate]\nallowTypes: [ReleaseFromIsolation]",
        "ReleaseFromIsolation",
        /denyTypes: type is "ReleaseFromIsolation", which this package does not know/,
    ],
    [
        "a denied type with a look-alike letter",
        "denyTypes: [Unisolate]",
        "Unis\u043elate",
        /denyTypes: type is "Unis\u043elate", which this package does not know/,
    ],
    [
        "a denied type in full-width letters",
        "denyTypes: [Unisolate]",
        "\uff35\uff4e\uff49\uff53\uff4f\uff4c\uff41\uff54\uff45",
        /denyTypes: .* which this package does not know/,
    ],
    [
        "a denied type with an invisible character",
        "denyTypes: [Unisolate]",
        "Uni\u200bsol\u00adate",
        /denyTypes: type is "Unisolate", and the rule denies "Unisolate"/,
    ],
    [
        "a protected type with a look-alike letter",
        "protectTypes: [Offboard]",
        "\u041effboard",
        /protectTypes: type is "\u041effboard", which this package does not know/,
    ],
    ["no type at all, where types are denied", "denyTypes: [Unisolate]", "", /denyTypes: type is (?:""|not known)/],
];

/** Each row is a way around the guard, refused without one cancel request. */
export const attempts: Readonly<Record<string, Attempt>> = {
    ...Object.fromEntries(types.map(([what, guard, type, rule]) => [what, { guard, action: { type }, rule }])),
    "expect: {}": {
        guard: "requireExpect: [type, machineId]",
        inputs: { expect: {} },
        rule: /requireExpect: expect lacks type, machineId; it must have type, machineId/,
    },
    "no expect at all": {
        guard: "requireExpect: [type]",
        rule: /requireExpect: expect lacks type/,
    },
    "an expect without the field that counts": {
        guard: "requireExpect: [requestor, type]",
        inputs: { expect: { type: "Isolate" } },
        rule: /requireExpect: expect lacks requestor/,
    },
    "notAfter in a year": {
        guard: "maxNotAfterHours: 72",
        inputs: { notAfter: "2027-05-05T07:00:00Z" },
        rule: /maxNotAfterHours: notAfter is 2027-05-05 07:00:00Z, 8760 h from now; it must be at most 72 h from now/,
    },
    "no notAfter": {
        guard: "maxNotAfterHours: 72",
        rule: /maxNotAfterHours: notAfter is missing/,
    },
    "a protected machine renamed": {
        guard: `protectMachineIds: ["${machineId.toUpperCase()}"]`,
        action: { computerDnsName: "kiosk-7.contoso.example" },
        inputs: { expect: { computerDnsName: "kiosk-7.contoso.example" } },
        rule: /protectMachineIds: machineId is "3c0ffee0123456789abcdef0123456789abcdef0"/,
    },
    "a protected machine declared as another": {
        guard: `protectMachineIds: ["${machineId}"]`,
        inputs: { expect: { machineId: "a".repeat(40) } },
        rule: /ERR_DEFENDER_UNEXPECTED/,
    },
    "a denied type written in another case": {
        guard: "denyTypes: [Unisolate]",
        action: { type: "UNISOLATE" },
        inputs: { expect: { type: "unisolate" } },
        rule: /denyTypes: type is "UNISOLATE", and the rule denies "Unisolate"/,
    },
    "a type outside the allowed ones": {
        guard: "allowTypes: [RunAntiVirusScan]",
        rule: /allowTypes: type is "Isolate", but the rule allows only "RunAntiVirusScan"/,
    },
    "an action of somebody else": {
        guard: "allowRequestors: [soar@contoso.example]",
        action: { requestor: "analyst@contoso.example" },
        rule: /allowRequestors: requestor is "analyst@contoso\.example"/,
    },
    "a machine with a protected tag": {
        guard: "protectTags: [Tier-0]",
        machine: { machineTags: ["kiosk", "TIER-0"] },
        rule: /protectTags: machineTags are "TIER-0", and the rule protects "Tier-0"/,
    },
    "a machine of high risk": {
        guard: "protectRiskScores: [High]",
        machine: { riskScore: "High" },
        rule: /protectRiskScores: riskScore is "High"/,
    },
    "a machine whose risk the API does not tell": {
        guard: "protectRiskScores: [High]",
        machine: { riskScore: null },
        rule: /protectRiskScores: riskScore is not known \(the API does not return it\)/,
    },
    "an action without a machine": {
        guard: "protectTags: [tier-0]",
        action: { machineId: null },
        rule: /protectTags: machineTags are not known \(the API does not return its machine\)/,
    },
    "no request left": {
        guard: "maxPerRun: 0",
        rule: /maxPerRun: this run has already used its 0 cancel requests/,
    },
    "an approval of a denied type": {
        guard: "denyTypes: [Isolate]\nprotectTypes: [Isolate]",
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}) },
        rule: /denyTypes: type is "Isolate"/,
    },
    "an approval of other content: another policy": {
        guard: "protectTypes: [Isolate]",
        inputs: { ifAlreadyFinal: "accept" },
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}) },
        rule: /protectTypes: .*have this declaration approved: DEFENDER_APPROVED_DIGEST=[0-9a-f]{64}:[0-9a-f]{16}; /,
    },
    "an approval of other content: a later notAfter": {
        guard: "protectTypes: [Isolate]",
        inputs: { notAfter: "2026-05-06T00:00:00Z" },
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({ notAfter: "2026-05-05T12:00:00Z" }) },
        rule: /protectTypes: type is "Isolate"/,
    },
    "an approval of another rule on the same machine": {
        guard: "protectTypes: [Isolate]\nprotectTags: [tier-0]",
        machine: { machineTags: ["tier-0"] },
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}, ["protectTypes"]) },
        rule: /protectTags: machineTags are "tier-0", and the rule protects "tier-0"\. Nothing was sent; .*:[0-9a-f]{16}\+[0-9a-f]{16}; /,
    },
    "an approval of the same rule on another machine": {
        guard: "protectTypes: [Isolate]",
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}, protectRules, "a".repeat(40)) },
        rule: /protectTypes: type is "Isolate"/,
    },
    "the pairs of another declaration with this digest": {
        guard: "protectTypes: [Isolate]",
        environment: {
            DEFENDER_APPROVED_DIGEST: `${approvalOf({}).split(":")[0]}:${approvalOf({ ifAlreadyFinal: "accept" }).split(":")[1]}`,
        },
        rule: /protectTypes: type is "Isolate"/,
    },
    "an approval of an action whose machine the API does not tell": {
        guard: "protectTypes: [Isolate]",
        action: { machineId: null },
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}) },
        rule: /protectTypes: type is "Isolate", and the rule protects "Isolate"\. Nothing was sent; ask the owner of the guard/,
    },
    "a bare digest": {
        guard: "protectTypes: [Isolate]",
        environment: { DEFENDER_APPROVED_DIGEST: approvalOf({}).split(":")[0] },
        rule: /ERR_DEFENDER_CONFIGURATION: .*expected DIGEST:PAIR\+PAIR/,
    },
    "a denied type with a hyphen, and a rule in another spelling": {
        guard: 'denyTypes: ["live response"]',
        action: { type: "LIVE-RESPONSE" },
        inputs: { expect: { type: "LiveResponse" } },
        rule: /denyTypes: type is "LIVE-RESPONSE", and the rule denies "live response"/,
    },
    "a guard that is broken YAML": {
        guard: "denyTypes: [Unisolate",
        rule: /ERR_DEFENDER_GUARD: the guard ".*" cannot be used: line \d+, column \d+: .*Nothing is sent/,
    },
    "a guard with an unknown key": {
        guard: "denyTypes: [Unisolate]\ndenyType: [Isolate]",
        rule: /ERR_DEFENDER_GUARD: .*line 3, column 1: "denyType" is not a rule/,
    },
    "a guard that is missing": {
        guard: "maxPerRun: 1",
        environment: { DEFENDER_GUARD: "/nonexistent/guard.yaml" },
        rule: /ERR_DEFENDER_GUARD: the guard "\/nonexistent\/guard\.yaml" cannot be used: there is no such file/,
    },
    "a guard that is a folder": {
        guard: "maxPerRun: 1",
        environment: { DEFENDER_GUARD: "/" },
        rule: /ERR_DEFENDER_GUARD: .*it is not a file/,
    },
};
