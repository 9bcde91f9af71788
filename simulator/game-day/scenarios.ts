import type { Quota } from "../access/quota.ts";
import type { ActionSeed } from "../actions/action-seed.ts";
import type { ScriptedFault } from "../faults/fault-script.ts";
import { demoFleet } from "./demo-fleet.ts";
import { expandFleet, type FleetEntry } from "./fleet-file.ts";
import { withPresence } from "./scenario-presence.ts";

/** The starting point of a game day. */
export interface Scenario {
    /** Its description in one line. */
    readonly about: string;
    /** The actions to begin with at a given time (ms since the epoch). */
    readonly actions: (now: number) => ActionSeed[];
    readonly faults?: readonly ScriptedFault[];
    readonly quotas?: readonly Quota[];
}

const playbook = { requestor: "soar@contoso.example", requestorComment: "playbook 12", ageMinutes: 40 };

const others: readonly FleetEntry[] = [
    {
        type: "RunAntiVirusScan",
        requestor: "analyst@contoso.example",
        requestorComment: "weekly scan",
        requestSource: "Portal",
        ageMinutes: 90,
        count: 8,
        computerDnsName: "lt-{n}.contoso.example",
    },
    {
        requestor: "analyst@contoso.example",
        requestorComment: "INC-4690: ransomware, keep isolated",
        requestSource: "Portal",
        ageMinutes: 55,
        computerDnsName: "srv-files-07.contoso.example",
    },
];

const fleet =
    (...entries: readonly FleetEntry[]) =>
    (now: number) =>
        expandFleet(entries, now);

const hostile = [
    "ws-\u001b[31mred\u001b[0m",
    "ws-\u202egnp.exe",
    '<img src=x onerror="alert(1)">',
    '=HYPERLINK("https://evil.example","ws-0417")',
    "::error::stop the pipeline",
    "##vso[task.setvariable variable=PATH]evil",
    "ws|`code`|[link](https://evil.example) @everyone",
    "ws-\u200b0417",
];

const described: Readonly<Record<string, Scenario>> = {
    demo: { about: "a small tenant: some isolations wait, one is done, one is cancelled already", actions: demoFleet },
    "wrong-scope": {
        about: "a playbook isolates 60 machines that it should leave alone; 3 are in progress, 2 are done",
        actions: fleet(
            { ...playbook, count: 55, computerDnsName: "ws-{n}.contoso.example" },
            {
                ...playbook,
                count: 3,
                computerDnsName: "ws-{n}.contoso.example",
                behaviour: "in-progress-then-cancelled",
                settleMs: 4_000,
            },
            { ...playbook, count: 2, computerDnsName: "ws-{n}.contoso.example", status: "Succeeded" },
            ...others,
        ),
    },
    relentless: {
        about: "12 isolations; the playbook issues each again 30 s after it was cancelled",
        actions: fleet(
            {
                ...playbook,
                count: 12,
                computerDnsName: "ws-{n}.contoso.example",
                reissuedBy: playbook.requestor,
                reissuedAfterMs: 30_000,
            },
            ...others,
        ),
    },
    resumed: {
        about: "6 isolations; each resumes 60 s after it was cancelled: drift",
        actions: fleet(
            { ...playbook, count: 6, computerDnsName: "ws-{n}.contoso.example", resumedAfterMs: 60_000 },
            ...others,
        ),
    },
    late: {
        about: "10 isolations; 6 of them succeed although the cancel request was accepted",
        actions: fleet(
            { ...playbook, count: 4, computerDnsName: "ws-{n}.contoso.example" },
            {
                ...playbook,
                count: 6,
                computerDnsName: "ws-{n}.contoso.example",
                behaviour: "in-progress-then-succeeded",
                settleMs: 3_000,
            },
            ...others,
        ),
    },
    returning: {
        about: "30 isolations; after 2 minutes a machine comes online each minute and runs its isolation",
        actions: fleet(
            {
                ...playbook,
                count: 30,
                computerDnsName: "ws-{n}.contoso.example",
                machine: { lastSeenMinutesAgo: 90, backAfterMinutes: 2, backEveryMinutes: 1 },
            },
            ...others,
        ),
    },
    race: {
        about: "20 actions on machines that hear of a cancellation 8 s late: its time decides how they end",
        actions: fleet(
            {
                ...playbook,
                count: 14,
                computerDnsName: "ws-{n}.contoso.example",
                behaviour: "race",
                settleSeconds: 8,
                runsForSeconds: 30,
                machine: { lastSeenMinutesAgo: 90, backAfterMinutes: 1, backEveryMinutes: 0.25 },
            },
            {
                ...playbook,
                count: 6,
                requestorComment: "collect triage data",
                computerDnsName: "srv-{n}.contoso.example",
                liveResponse: { commandRunsForSeconds: 20 },
                behaviour: "race",
                settleSeconds: 8,
                machine: { lastSeenMinutesAgo: 90, backAfterMinutes: 1, backEveryMinutes: 0.5 },
            },
            ...others,
        ),
    },
    "bad-day": {
        about: "20 isolations; a quota of 30 a minute, and answers that get lost, come late or are not the API's",
        actions: fleet({ ...playbook, count: 20, computerDnsName: "ws-{n}.contoso.example" }, ...others),
        quotas: [{ requests: 30, periodMs: 60_000, window: "sliding" }],
        faults: [
            { operation: "cancel", nth: 2, fault: "drop after" },
            { operation: "cancel", nth: 5, fault: "drop before" },
            { operation: "cancel", nth: 8, fault: "500 after" },
            { operation: "list", nth: 3, fault: "502 before" },
            { operation: "get", nth: 2, fault: { name: "slow first byte", milliseconds: 5_000 } },
        ],
    },
    hostile: {
        about: "names and comments that attack a terminal, a spreadsheet, a browser and a pipeline",
        actions: fleet(
            ...hostile.map((name) => ({
                ...playbook,
                computerDnsName: name,
                requestorComment: name,
                requestor: `${name}@contoso.example`,
            })),
        ),
    },
    insider: {
        about: "40 cancellations, one of them of an isolation that should have stayed: find it with audit",
        actions: (now) =>
            expandFleet(
                [
                    {
                        ...playbook,
                        count: 39,
                        computerDnsName: "ws-{n}.contoso.example",
                        type: "RunAntiVirusScan",
                        status: "Cancelled",
                        cancelledBy: "analyst@contoso.example",
                        cancelledAt: new Date(now - 20 * 60_000).toISOString(),
                    },
                    {
                        requestor: "analyst@contoso.example",
                        requestorComment: "INC-4690: ransomware, keep isolated",
                        ageMinutes: 55,
                        computerDnsName: "srv-files-07.contoso.example",
                        status: "Cancelled",
                        cancelledBy: "intern@contoso.example",
                        cancelledAt: new Date(now - 3 * 60_000).toISOString(),
                    },
                    ...others,
                ],
                now,
            ),
    },
};

/** The scenarios that `--scenario` names. */
export const scenarios: Readonly<Record<string, Scenario>> = Object.fromEntries(
    Object.entries(described).map(([name, scenario]) => [
        name,
        { ...scenario, actions: (now: number) => withPresence(scenario.actions(now)) },
    ]),
);
