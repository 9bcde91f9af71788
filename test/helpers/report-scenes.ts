import type { Report } from "../../cli/report/report-data.ts";
import type { Finding } from "../../cli/report/verify/finding.ts";
import { entriesOfState } from "../../cli/state/records.ts";
import type { StateResource } from "../../cli/state/stack-state.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { utc } from "../../provider/system/clock.ts";

const issued = Date.parse("2026-11-24T19:00:00Z");
const began = Date.parse("2026-11-24T19:41:07Z");
const second = 1_000;
const minute = 60 * second;

/** The name of machine 7 in an incident: "ws-0007.contoso.example". */
export function machineName(number: number): string {
    return `ws-${String(number).padStart(4, "0")}.contoso.example`;
}

/** The id of a machine action, different for each number. */
export function actionId(number: number): string {
    return `5f2c7a10-93b4-4c1e-8d2f-${String(number).padStart(12, "0")}`;
}

/** The stored result of an action that was cancelled before it ran, in the pace of 100 requests a minute. */
export function prevented(number: number): Properties {
    const sent = began + number * 0.6 * second;
    return {
        status: "Cancelled",
        type: "Isolate",
        machineId: number.toString(16).padStart(40, "a"),
        computerDnsName: machineName(number),
        requestor: "soar@contoso.example",
        requestorComment: "playbook 12",
        creationDateTimeUtc: utc(issued),
        statusBeforeCancel: "Pending",
        requestedAtUtc: utc(sent),
        cancellationDateTimeUtc: utc(sent + second),
        confirmedAtUtc: utc(sent + 4 * second),
        outcome: "cancelled",
        effect: "prevented",
        postCorrelationId: actionId(9_000_000 + number),
        observedAtUtc: utc(sent - 2 * second),
        proofSha256: number.toString(16).padStart(64, "c"),
        run: 0,
    };
}

export function possiblyRan(number: number): Properties {
    return { ...prevented(number), statusBeforeCancel: "InProgress", effect: "unknown" };
}

/** An action that ended before its cancellation, as the declaration acknowledges. */
export function tooLate(number: number): Properties {
    const {
        requestedAtUtc: _,
        cancellationDateTimeUtc: __,
        postCorrelationId: ___,
        run: ____,
        ...result
    } = prevented(number);
    return { ...result, status: "Succeeded", statusBeforeCancel: "Succeeded", outcome: "tooLate", effect: "ran" };
}

/** What an incident's record can hold, one of each kind, the worst last. */
export const everyKind: readonly ((number: number) => Properties)[] = [
    prevented,
    (number) => ({ ...prevented(number), status: "TimeOut", outcome: "expired", type: "RunAntiVirusScan" }),
    (number) => ({ ...prevented(number), outcome: "adopted", adoptedFrom: "ourselves" }),
    (number) => ({
        ...prevented(number),
        outcome: "adopted",
        adoptedFrom: "others",
        effect: "unknown",
        run: undefined,
    }),
    possiblyRan,
    tooLate,
    (number) => ({ ...prevented(number), effect: "ran", type: "LiveResponse", commandSummary: "RunScript Completed" }),
    (number) => ({
        ...prevented(number),
        ...{ status: "InProgress", outcome: undefined, effect: undefined, confirmedAtUtc: undefined },
        ...{ failure: "ERR_DEFENDER_NOT_CONFIRMED" },
    }),
    (number) => ({
        ...tooLate(number),
        ...{ outcome: undefined, effect: undefined, confirmedAtUtc: undefined },
        ...{ failure: "ERR_DEFENDER_TOO_LATE" },
    }),
    (number) => ({
        status: "Pending",
        type: "Isolate",
        computerDnsName: machineName(number),
        creationDateTimeUtc: utc(issued),
    }),
    (number) => ({ ...prevented(number), status: "InProgress", outcome: undefined, effect: undefined }),
    (number) => ({
        ...prevented(number),
        reissues: [
            {
                id: actionId(8_000_000 + number),
                requestor: "soar@contoso.example",
                status: "Pending",
                creationDateTimeUtc: utc(began + 30 * minute),
            },
        ],
    }),
];

/** The kinds of the README's incident: of 60 actions, 55 were prevented, 3 may have run and 2 were too late. */
export function incident(count: number): readonly Properties[] {
    const late = Math.ceil(count / 30);
    const uncertain = Math.ceil(count / 20);
    return Array.from({ length: count }, (_, index) => {
        const number = index + 1;
        return number > count - late && count > 1
            ? tooLate(number)
            : number > count - late - uncertain && count > 1
              ? possiblyRan(number)
              : prevented(number);
    });
}

/** A report of one set with these results. */
export function reportOf(results: readonly Properties[], more: Partial<Report> = {}): Report {
    const resource: StateResource = {
        type: machineActionCancellationSet.type,
        urn: `urn:pulumi:inc-4711::incident::${machineActionCancellationSet.type}::playbook-12`,
        id: "a1b2c3",
        inputs: { declaredBy: "incident/inc-4711/playbook-12" },
        outputs: {
            comment: "INC-4711: playbook 12 isolated the wrong machines",
            results: Object.fromEntries(results.map((result, at) => [actionId(at + 1), { at, ...result }])),
            evidence: [
                {
                    commentSent:
                        "INC-4711: playbook 12 isolated the wrong machines [pulumi incident/inc-4711/playbook-12 e7958193adee]",
                    digest: "e7958193adee".padEnd(64, "0"),
                    appId: actionId(4_711),
                    tenantId: actionId(4_712),
                    apiHost: "api.security.microsoft.com",
                    packageVersion: "1.0.0-rc.2",
                },
            ],
        },
        initErrors: [],
    };
    const entries = entriesOfState([resource]);
    return {
        generatedAtUtc: utc(began + 40 * minute),
        packageVersion: "1.0.0-rc.2",
        records: [{ name: "stack inc-4711", entries: entries.length, superseded: 0 }],
        entries,
        all: entries,
        resources: [resource],
        unfinished: [],
        findings: undefined,
        ...more,
    };
}

/** The findings of a verification that found nothing to check. */
export function soundFindings(results: readonly Properties[]): readonly Finding[] {
    return results.flatMap((_, at) => [
        ...Array.from(
            { length: 13 },
            (_, field): Finding => ({ where: actionId(at + 1), field: `field ${field}`, verdict: "match" }),
        ),
        ...Array.from(
            { length: 11 },
            (_, field): Finding => ({ where: actionId(at + 1), field: `other ${field}`, verdict: "unverifiable" }),
        ),
    ]);
}
