import { createHash } from "node:crypto";
import { z } from "zod";
import type { ActionConduct } from "../actions/action-conduct.ts";
import type { MachineSeed } from "../machines/machine-row.ts";
import { presenceOf } from "../machines/presence.ts";
import { refuseContradictions } from "./contradictions.ts";
import { inMilliseconds, refuseBoth } from "./durations.ts";
import {
    type ConductForm,
    conductFields,
    countField,
    expanded,
    type MachineForm,
    machineFields,
    machineOf,
    readEntries,
} from "./entry-forms.ts";

/**
 * One entry of a machines file: a machine, or several similar ones, and how the actions run and end that are submitted
 * on them. Can be written as JSON.
 */
export interface MachineEntry extends MachineForm, ConductForm {
    /** 40 hex digits. Default, and always with a `count`: derived from the machine's number in the file. */
    id?: string;
    /** The number of machines. Default 1. `{n}` in `computerDnsName` stands for the machine's number in the file. */
    count?: number;
}

const entry: z.ZodType<MachineEntry> = z
    .strictObject({
        id: z
            .string()
            .regex(/^[0-9a-f]{40}$/i)
            .exactOptional(),
        count: countField,
        ...machineFields,
        ...conductFields,
    })
    .superRefine(refuseBoth)
    .superRefine(refuseContradictions);

/** The machines of a machines file, a JSON list. If the file is malformed, throws an error that names the place. */
export function readMachines(file: string, now: number): MachineSeed[] {
    return expandMachines(readEntries(entry, file), now);
}

/**
 * The machines that the entries stand for. They are online unless an entry says otherwise, so that an action that is
 * submitted on them starts and ends by itself. Times count from `now` (ms since the epoch).
 */
export function expandMachines(entries: readonly MachineEntry[], now: number): MachineSeed[] {
    return expanded(entries, ({ count = 1, id, ...form }, { nth, number }): MachineSeed => {
        const { machine, submitted } = parted(form);
        const seed = machineOf(machine, nth, now);
        return {
            ...seed,
            ...(presenceOf(seed) === undefined ? { online: true } : {}),
            id: count === 1 && id !== undefined ? id : idOf(number),
            submitted,
        };
    });
}

/** Tells the properties of the machine from those of the actions that are submitted on it. */
function parted(form: MachineForm & ConductForm): { machine: MachineForm; submitted: ActionConduct } {
    const of = (isConduct: boolean) =>
        Object.fromEntries(Object.entries(form).filter(([name]) => Object.hasOwn(conductFields, name) === isConduct));
    return { machine: of(false), submitted: inMilliseconds<ActionConduct>(of(true)) };
}

function idOf(number: number): string {
    return createHash("sha1").update(`machine ${number}`).digest("hex");
}
