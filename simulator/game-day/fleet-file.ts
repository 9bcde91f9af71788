import { createHash } from "node:crypto";
import { z } from "zod";
import type { ActionSeed } from "../actions/action-seed.ts";
import type { LiveResponseSeed } from "../actions/live-response.ts";
import { guidIn } from "../actions/machine-action.ts";
import { timeField } from "../forms/fields.ts";
import { statusField, typeField } from "./action-words.ts";
import { refuseContradictions } from "./contradictions.ts";
import { durationFields, inMilliseconds, type OrSeconds, refuseBoth } from "./durations.ts";
import {
    conductFields,
    countField,
    expanded,
    inMinutes,
    type MachineForm,
    machineFields,
    machineOf,
    readEntries,
} from "./entry-forms.ts";

/** One entry of a fleet file: an action, or several similar ones. Can be written as JSON. */
export interface FleetEntry extends OrSeconds<Omit<ActionSeed, "machine" | "liveResponse">> {
    /**
     * The number of actions. Default 1. `{n}` in `computerDnsName` stands for the action's number in the file, from
     * 0001.
     */
    count?: number;
    /** How long ago it was created, in place of `creationDateTimeUtc`. */
    ageMinutes?: number;
    /** The properties of the machine of each action. */
    machine?: MachineForm;
    liveResponse?: OrSeconds<LiveResponseSeed>;
}

const text = z.string();
const machine: z.ZodType<MachineForm> = z.strictObject(machineFields).superRefine(refuseContradictions);
const liveResponse: z.ZodType<OrSeconds<LiveResponseSeed>> = z
    .strictObject({
        commands: z
            .array(z.strictObject({ type: text, params: z.array(z.strictObject({ key: text, value: text })) }))
            .exactOptional(),
        ...durationFields("commandsAfter", "commandRunsFor"),
    })
    .superRefine(refuseBoth);
const entry: z.ZodType<FleetEntry> = z
    .strictObject({
        count: countField,
        ageMinutes: z.number().min(0).exactOptional(),
        id: z.guid().exactOptional(),
        type: typeField.exactOptional(),
        status: statusField.exactOptional(),
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
        ...conductFields,
        ...durationFields("machineShownAfter"),
        liveResponse: liveResponse.exactOptional(),
        machine: machine.exactOptional(),
    })
    .superRefine(refuseBoth)
    .superRefine(refuseContradictions);

/** The actions of a fleet file, a JSON list. If the file is malformed, throws an error that names the place. */
export function readFleet(file: string, now: number): ActionSeed[] {
    return expandFleet(readEntries(entry, file), now);
}

/** The actions that the entries stand for. Ids are always the same; times count back from `now` (ms since the epoch). */
export function expandFleet(entries: readonly FleetEntry[], now: number): ActionSeed[] {
    return expanded(
        entries,
        ({ count = 1, ageMinutes, machine, liveResponse, ...form }, { nth, number }): ActionSeed => {
            const seed = inMilliseconds<Omit<ActionSeed, "machine" | "liveResponse">>(form);
            return {
                ...(ageMinutes === undefined ? {} : { creationDateTimeUtc: inMinutes(-ageMinutes, now) }),
                ...seed,
                ...(machine === undefined ? {} : { machine: machineOf(machine, nth, now) }),
                ...(liveResponse === undefined ? {} : { liveResponse: inMilliseconds<LiveResponseSeed>(liveResponse) }),
                id: count === 1 && seed.id !== undefined ? seed.id : guidOf(number),
            };
        },
    );
}

function guidOf(number: number): string {
    return guidIn(createHash("sha256").update(`fleet ${number}`).digest("hex"));
}
