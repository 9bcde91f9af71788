import { createHash } from "node:crypto";
import { z } from "zod";
import { type ActionBehaviour, type ActionSeed, endings, type LiveResponseSeed } from "../actions/action-seed.ts";
import { checkForm } from "../forms/check-form.ts";
import { refuseRepeatedIds, timeField } from "../forms/fields.ts";
import { readJsonFile } from "../forms/json-file.ts";
import type { MachineSeed } from "../machines/machine.ts";

/** One entry of a fleet file: an action, or several similar ones. Can be written as JSON. */
export interface FleetEntry extends Omit<ActionSeed, "machine"> {
    /**
     * The number of actions. Default 1. `{n}` in `computerDnsName` stands for the action's number in the file, from
     * 0001.
     */
    count?: number;
    /** How long ago it was created, in place of `creationDateTimeUtc`. */
    ageMinutes?: number;
    machine?: FleetMachine;
}

/** The properties of the machine of each action. */
export interface FleetMachine extends Omit<MachineSeed, "id"> {
    /** How long ago its last report came, in place of `lastSeen`. */
    lastSeenMinutesAgo?: number;
    /** When it comes online, counted from the start, in place of `backAt`. */
    backAfterMinutes?: number;
    /** With `count`: how long after the previous machine each one comes online. Default 0. */
    backEveryMinutes?: number;
}

const text = z.string();
const milliseconds = z.number().min(0);
const minutes = z.number().min(0);
const machine: z.ZodType<FleetMachine> = z.strictObject({
    computerDnsName: text.nullable().exactOptional(),
    riskScore: text.nullable().exactOptional(),
    exposureLevel: text.nullable().exactOptional(),
    machineTags: z.array(text).nullable().exactOptional(),
    deviceValue: text.nullable().exactOptional(),
    rbacGroupName: text.nullable().exactOptional(),
    lastSeen: timeField.nullable().exactOptional(),
    lastSeenMinutesAgo: minutes.exactOptional(),
    backAt: timeField.exactOptional(),
    backAfterMinutes: minutes.exactOptional(),
    backEveryMinutes: minutes.exactOptional(),
});
const liveResponse: z.ZodType<LiveResponseSeed> = z.strictObject({
    commands: z
        .array(z.strictObject({ type: text, params: z.array(z.strictObject({ key: text, value: text })) }))
        .exactOptional(),
    commandsAfterMs: milliseconds.exactOptional(),
});
const behaviour = z.enum(Object.keys(endings) as ActionBehaviour[]);
const entry: z.ZodType<FleetEntry> = z.strictObject({
    count: z.int().min(1).max(100_000).exactOptional(),
    ageMinutes: z.number().min(0).exactOptional(),
    id: z.guid().exactOptional(),
    type: text.exactOptional(),
    status: text.exactOptional(),
    machineId: text.nullable().exactOptional(),
    computerDnsName: text.nullable().exactOptional(),
    requestor: text.exactOptional(),
    requestorComment: text.exactOptional(),
    requestSource: text.exactOptional(),
    scope: text.nullable().exactOptional(),
    title: text.nullable().exactOptional(),
    externalId: text.nullable().exactOptional(),
    relatedFileInfo: z.strictObject({ fileIdentifier: text, fileIdentifierType: text }).nullable().exactOptional(),
    creationDateTimeUtc: timeField.exactOptional(),
    cancelledBy: text.exactOptional(),
    cancellationComment: text.exactOptional(),
    cancelledAt: timeField.exactOptional(),
    commands: z.array(z.unknown()).exactOptional(),
    behaviour: behaviour.exactOptional(),
    settleMs: milliseconds.exactOptional(),
    visibleAfterMs: milliseconds.exactOptional(),
    reissuedBy: text.exactOptional(),
    reissuedAfterMs: milliseconds.exactOptional(),
    resumedAfterMs: milliseconds.exactOptional(),
    onceStarted: behaviour.exactOptional(),
    runsForMs: milliseconds.exactOptional(),
    endsAs: text.exactOptional(),
    timesOutAfterMs: milliseconds.exactOptional(),
    liveResponse: liveResponse.exactOptional(),
    machine: machine.exactOptional(),
});

/** The actions of a fleet file, a JSON list. If the file is malformed, throws an error that names the place. */
export function readFleet(file: string, now: number): ActionSeed[] {
    return expandFleet(checkForm(z.array(entry).superRefine(refuseRepeatedIds), readJsonFile(file)), now);
}

/** The actions that the entries stand for. Ids are always the same; times count back from `now` (ms since the epoch). */
export function expandFleet(entries: readonly FleetEntry[], now: number): ActionSeed[] {
    let number = 0;
    return entries.flatMap(({ count = 1, ageMinutes, machine, ...seed }) =>
        Array.from({ length: count }, (_, nth): ActionSeed => {
            number++;
            return {
                ...(ageMinutes === undefined ? {} : { creationDateTimeUtc: inMinutes(-ageMinutes, now) }),
                ...seed,
                ...(machine === undefined ? {} : { machine: machineOf(machine, nth, now) }),
                id: count === 1 && seed.id !== undefined ? seed.id : guidOf(number),
                ...(typeof seed.computerDnsName === "string"
                    ? { computerDnsName: seed.computerDnsName.replace("{n}", String(number).padStart(4, "0")) }
                    : {}),
            };
        }),
    );
}

function inMinutes(minutes: number, now: number): string {
    return new Date(now + minutes * 60_000).toISOString();
}

function machineOf(
    { lastSeenMinutesAgo, backAfterMinutes, backEveryMinutes = 0, ...seed }: FleetMachine,
    nth: number,
    now: number,
): Omit<MachineSeed, "id"> {
    return {
        ...(lastSeenMinutesAgo === undefined ? {} : { lastSeen: inMinutes(-lastSeenMinutesAgo, now) }),
        ...(backAfterMinutes === undefined
            ? {}
            : { backAt: inMinutes(backAfterMinutes + nth * backEveryMinutes, now) }),
        ...seed,
    };
}

function guidOf(number: number): string {
    const hash = createHash("sha256").update(`fleet ${number}`).digest("hex");
    return [
        hash.slice(0, 8),
        hash.slice(8, 12),
        `4${hash.slice(13, 16)}`,
        `8${hash.slice(17, 20)}`,
        hash.slice(20, 32),
    ].join("-");
}
