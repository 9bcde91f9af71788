import { z } from "zod";
import { foldStatus, isGuid, type MachineAction } from "../model/machine-action.ts";
import { judgeableText, shortText } from "../text/sanitize.ts";

// What is read goes into state, for 5,000 actions in one set: what is longer than the engine's messages is lost there.
const longestWord = 200;
const longestText = 10_000;

// A wrong or missing descriptive field must not hide a status: what is not text counts as absent.
const upTo = (length: number) => z.string().transform((given) => shortText(given, length));
const word = upTo(longestWord).nullish().catch(null);
const text = upTo(longestText).nullish().catch(null);
/** What `expect` and the guard judge by. */
const judged = (length: number) =>
    z
        .string()
        .transform((given) => judgeableText(given, length))
        .nullish()
        .catch(null);

const command = z
    .object({
        commandStatus: judged(longestWord).transform((status) => status ?? "Unknown"),
        startTime: word,
        endTime: word,
    })
    // Some bodies list the commands as plain strings: then nothing is known about their progress.
    .catch({ commandStatus: "Unknown", startTime: null, endTime: null });

const wireMachineAction = z.object({
    id: z.string().refine(isGuid).toLowerCase(),
    status: z.string().transform(foldStatus),
    type: judged(longestWord),
    scope: word,
    requestor: judged(longestText),
    requestorComment: judged(longestText),
    requestSource: word,
    machineId: judged(longestWord),
    computerDnsName: judged(longestText),
    creationDateTimeUtc: word,
    lastUpdateDateTimeUtc: word,
    lastUpdateTimeUtc: word,
    cancellationRequestor: text,
    cancellationComment: text,
    cancellationDateTimeUtc: word,
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
