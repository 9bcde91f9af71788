import { z } from "zod";
import { type ActionBehaviour, type ActionConduct, endings } from "../actions/action-conduct.ts";
import { checkForm } from "../forms/check-form.ts";
import { type OptionalField, type OptionalFields, refuseRepeatedIds, timeField } from "../forms/fields.ts";
import { readJsonFile } from "../forms/json-file.ts";
import type { MachineSeed } from "../machines/machine-row.ts";
import type { PresenceSeed } from "../machines/presence.ts";
import { finalStatusField } from "./action-words.ts";
import { durationFields, type OrSeconds } from "./durations.ts";
import { machineProperties } from "./machine-properties.ts";

/** When the machines of an entry are online: as ISO 8601 times, or in minutes from the start. */
export interface PresenceForm extends Omit<PresenceSeed, "onlineChanges"> {
    onlineChanges?: ({ at: string; online: boolean } | { afterMinutes: number; online: boolean })[];
    /** When it comes online, in place of `backAt`. */
    backAfterMinutes?: number;
    /** With `count`: how long after the previous machine each one comes online. Default 0. */
    backEveryMinutes?: number;
    /** When it goes offline. */
    offlineAfterMinutes?: number;
    /** With `count`: how long after the previous machine each one goes offline. Default 0. */
    offlineEveryMinutes?: number;
}

/** The properties of a machine in a file. */
export interface MachineForm extends Omit<MachineSeed, "id" | "submitted" | keyof PresenceSeed>, PresenceForm {
    /** How long ago its last report came, in place of `lastSeen`. */
    lastSeenMinutesAgo?: number;
}

/** How actions run and end, with durations in seconds or milliseconds. */
export type ConductForm = OrSeconds<ActionConduct>;

const text = z.string();
const minutes = z.number().min(0).exactOptional();
const behaviour = z.enum(Object.keys(endings) as ActionBehaviour[]).exactOptional();

export const countField: OptionalField<number> = z.int().min(1).max(100_000).exactOptional();

export const conductFields: OptionalFields<ConductForm> = {
    behaviour,
    onceStarted: behaviour,
    reissuedBy: text.exactOptional(),
    endsAs: finalStatusField.exactOptional(),
    ...durationFields("settle", "visibleAfter", "reissuedAfter", "resumedAfter", "runsFor", "timesOutAfter"),
};

export const machineFields: OptionalFields<MachineForm> = {
    ...machineProperties,
    lastSeenMinutesAgo: minutes,
    online: z.boolean().exactOptional(),
    onlineChanges: z
        .array(
            z.union([
                z.strictObject({ at: timeField, online: z.boolean() }),
                z.strictObject({ afterMinutes: z.number().min(0), online: z.boolean() }),
            ]),
        )
        .exactOptional(),
    backAt: timeField.exactOptional(),
    backAfterMinutes: minutes,
    backEveryMinutes: minutes,
    offlineAfterMinutes: minutes,
    offlineEveryMinutes: minutes,
};

/** The entries of a file that holds a JSON list. Throws an error that names the place if the file is malformed. */
export function readEntries<T extends { id?: string }>(entry: z.ZodType<T>, file: string): T[] {
    return checkForm(z.array(entry).superRefine(refuseRepeatedIds), readJsonFile(file));
}

/** The ISO 8601 time so many minutes after `now` (ms since the epoch). */
export function inMinutes(minutes: number, now: number): string {
    return new Date(now + minutes * 60_000).toISOString();
}

/** The place of a seed: which one of its entry it is, from 0, and which one of the file, from 1. */
export interface Place {
    readonly nth: number;
    readonly number: number;
}

/** As many seeds of each entry as its `count` says. In a computer name, `{n}` stands for the number, from 0001. */
export function expanded<Entry extends { readonly count?: number }, Seed extends { computerDnsName?: string | null }>(
    entries: readonly Entry[],
    seedOf: (entry: Entry, place: Place) => Seed,
): Seed[] {
    let number = 0;
    return entries.flatMap((entry) =>
        Array.from({ length: entry.count ?? 1 }, (_, nth): Seed => {
            number++;
            const seed = seedOf(entry, { nth, number });
            const { computerDnsName } = seed;
            return typeof computerDnsName === "string"
                ? { ...seed, computerDnsName: computerDnsName.replaceAll("{n}", String(number).padStart(4, "0")) }
                : seed;
        }),
    );
}

/** The properties of the nth machine of an entry, with times in place of minutes. */
export function machineOf(form: MachineForm, nth: number, now: number): Omit<MachineSeed, "id"> {
    const {
        lastSeenMinutesAgo,
        backAfterMinutes,
        backEveryMinutes = 0,
        offlineAfterMinutes,
        offlineEveryMinutes = 0,
        onlineChanges = [],
        ...seed
    } = form;
    const changes = onlineChanges.map((change) =>
        "at" in change ? change : { at: inMinutes(change.afterMinutes, now), online: change.online },
    );
    if (offlineAfterMinutes !== undefined) {
        changes.push({ at: inMinutes(offlineAfterMinutes + nth * offlineEveryMinutes, now), online: false });
    }
    return {
        ...(lastSeenMinutesAgo === undefined ? {} : { lastSeen: inMinutes(-lastSeenMinutesAgo, now) }),
        ...(backAfterMinutes === undefined
            ? {}
            : { backAt: inMinutes(backAfterMinutes + nth * backEveryMinutes, now) }),
        ...(changes.length === 0 ? {} : { onlineChanges: changes }),
        ...seed,
    };
}
