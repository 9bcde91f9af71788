import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type ActionBehaviour, type ActionSeed, endings } from "./action-seed.ts";

/** One line of a fleet file: an action, or many that are alike. Can be written as JSON. */
export interface FleetEntry extends ActionSeed {
    /** So many of them. Default 1. `{n}` in `computerDnsName` stands for the number of each, from 0001. */
    count?: number;
    /** How long ago it was created, in place of `creationDateTimeUtc`. */
    ageMinutes?: number;
}

const text = z.string();
const milliseconds = z.number().min(0);
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
    creationDateTimeUtc: text.exactOptional(),
    cancelledBy: text.exactOptional(),
    cancellationComment: text.exactOptional(),
    cancelledAt: text.exactOptional(),
    commands: z.array(z.unknown()).exactOptional(),
    behaviour: z.enum(Object.keys(endings) as ActionBehaviour[]).exactOptional(),
    settleMs: milliseconds.exactOptional(),
    visibleAfterMs: milliseconds.exactOptional(),
    reissuedBy: text.exactOptional(),
    reissuedAfterMs: milliseconds.exactOptional(),
    resumedAfterMs: milliseconds.exactOptional(),
});

/** The actions of a fleet file, a JSON list. Throws, naming the place, when it is malformed. */
export function readFleet(file: string, now: number): ActionSeed[] {
    const checked = z.array(entry).safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (!checked.success) {
        throw new TypeError(z.prettifyError(checked.error).replaceAll("\n", " "));
    }
    return expandFleet(checked.data, now);
}

/** The actions that the entries stand for. Ids are always the same; times count back from `now` (ms since the epoch). */
export function expandFleet(entries: readonly FleetEntry[], now: number): ActionSeed[] {
    let number = 0;
    return entries.flatMap(({ count = 1, ageMinutes, ...seed }) =>
        Array.from({ length: count }, (): ActionSeed => {
            number++;
            const created = ageMinutes === undefined ? undefined : new Date(now - ageMinutes * 60_000).toISOString();
            return {
                ...(created === undefined ? {} : { creationDateTimeUtc: created }),
                ...seed,
                id: count === 1 && seed.id !== undefined ? seed.id : guidOf(number),
                ...(typeof seed.computerDnsName === "string"
                    ? { computerDnsName: seed.computerDnsName.replace("{n}", String(number).padStart(4, "0")) }
                    : {}),
            };
        }),
    );
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
