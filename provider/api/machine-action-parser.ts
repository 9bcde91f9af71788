import { z } from "zod";
import { cleanText } from "../foreign-text.ts";
import { foldStatus, isGuid, type MachineAction } from "../machine-action.ts";

// A wrong or missing descriptive field must not hide a status: what is not text counts as absent.
const text = z.string().transform(cleanText).nullish().catch(null);

const command = z
    .object({ commandStatus: z.string().transform(cleanText).catch("Unknown"), startTime: text, endTime: text })
    // Some bodies list the commands as plain strings: then nothing is known about their progress.
    .catch({ commandStatus: "Unknown", startTime: null, endTime: null });

const wireMachineAction = z.object({
    id: z.string().refine(isGuid).toLowerCase(),
    status: z.string().transform(foldStatus),
    type: text,
    scope: text,
    requestor: text,
    requestorComment: text,
    requestSource: text,
    machineId: text,
    computerDnsName: text,
    creationDateTimeUtc: text,
    lastUpdateDateTimeUtc: text,
    lastUpdateTimeUtc: text,
    cancellationRequestor: text,
    cancellationComment: text,
    cancellationDateTimeUtc: text,
    errorHResult: z.number().int().nullish().catch(null),
    commands: z.array(command).nullish().catch(null),
});

/**
 * Reads a machine action from an answer of the API, leniently: only `id` and `status` must be there, because only they
 * decide anything. Returns `undefined` when the value is not a machine action.
 */
export function parseMachineAction(value: unknown): MachineAction | undefined {
    const parsed = wireMachineAction.safeParse(value);
    if (!parsed.success) {
        return undefined;
    }
    const { id, status, commands, lastUpdateTimeUtc, ...described } = parsed.data;
    const known = Object.entries({
        ...described,
        lastUpdateDateTimeUtc: described.lastUpdateDateTimeUtc ?? lastUpdateTimeUtc,
    }).filter(([, property]) => property !== null && property !== undefined);
    return {
        id,
        status,
        ...Object.fromEntries(known),
        commands: (commands ?? []).map(({ commandStatus, startTime, endTime }) => ({
            commandStatus,
            startTime: startTime ?? undefined,
            endTime: endTime ?? undefined,
        })),
    };
}
