import fc from "fast-check";
import { evidenceFields } from "../../provider/model/evidence.ts";
import { outputNames } from "../../provider/model/outputs.ts";
import { resourceTypes } from "../../provider/model/resource-types.ts";
import { edited, hostileJson, hostileName, hostileText } from "./hostile.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const times = [
    "2026-05-04T10:36:47.296Z",
    "2026-05-04T11:00:00Z",
    "9999-12-31T23:59:59Z",
    "-271821-04-20T00:00:00Z",
    "0",
];
const names = [
    ...outputNames,
    ...Object.keys(evidenceFields),
    "id",
    "reissues",
    "results",
    "declaredBy",
    "comment",
    "at",
    "run",
    "urn",
];
const anyJson = hostileJson(names, id, "Cancelled", "cancelled", "prevented", ...times);

const time = fc.oneof(fc.constantFrom(...times), hostileText);
const outputs = edited(
    {
        machineActionId: id,
        status: "Cancelled",
        outcome: "cancelled",
        effect: "prevented",
        creationDateTimeUtc: times[0],
        requestedAtUtc: times[1],
        confirmedAtUtc: times[1],
        evidence: { commentSent: "INC-4711", digest: "00", posts: 1 },
        reissues: [{ id, status: "Pending", creationDateTimeUtc: times[1] }],
    },
    fc.oneof(hostileText, time, anyJson),
);
const described = fc.record({
    computerDnsName: hostileText,
    requestor: hostileText,
    requestorComment: hostileText,
    type: hostileText,
});
const single = fc.record({
    type: fc.constantFrom(...Object.values(resourceTypes.cancellation)),
    urn: fc.oneof(fc.constant("urn:pulumi:prod::incident::x::name"), hostileText),
    id: fc.oneof(fc.constant(id), hostileText),
    inputs: fc.oneof(fc.constant({}), anyJson),
    outputs: fc.tuple(outputs, described).map(([one, two]) => ({ ...one, ...two })),
    initErrors: fc.array(hostileText, { maxLength: 2 }),
});
const set = fc.record({
    type: fc.constantFrom(...Object.values(resourceTypes.set)),
    urn: hostileText,
    id: hostileText,
    inputs: anyJson,
    outputs: fc.record({
        comment: hostileText,
        evidence: fc.oneof(fc.array(anyJson, { maxLength: 2 }), anyJson),
        results: fc.dictionary(fc.oneof(fc.constant(id), hostileName), fc.oneof(outputs, anyJson), { maxKeys: 3 }),
    }),
});
const finding = fc.record({
    where: hostileText,
    field: hostileText,
    verdict: fc.constantFrom("match", "mismatch", "gone", "unverifiable"),
    stored: hostileText,
    found: hostileText,
    why: hostileText,
});

/** The resources of a state with arbitrary content, and findings as `verify` may have them. */
export const hostileStates = fc.record({
    resources: fc.array(fc.oneof(single, set), { maxLength: 4 }),
    findings: fc.option(fc.array(finding, { maxLength: 3 }), { nil: undefined }),
});
