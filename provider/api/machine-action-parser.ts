import { foldStatus, isGuid, type MachineAction, type MachineActionCommand } from "../model/machine-action.ts";
import { judgeableText, shortText } from "../text/sanitize.ts";

// What is read goes into state, for 5,000 actions in one set: what is longer than the engine's messages is lost there.
const maxWord = 200;
const maxText = 10_000;

type Read<Value> = (given: unknown) => Value | undefined;

// A wrong or missing descriptive field must not hide a status: what is not text counts as absent.
const upTo =
    (length: number): Read<string> =>
    (given) =>
        typeof given === "string" ? shortText(given, length) : undefined;
const word = upTo(maxWord);
const text = upTo(maxText);

/** What `expect` and the guard judge by. */
const judged =
    (length: number): Read<string> =>
    (given) =>
        typeof given === "string" ? judgeableText(given, length) : undefined;
const judgedWord = judged(maxWord);
const judgedText = judged(maxText);

const integer: Read<number> = (given) => (Number.isSafeInteger(given) ? (given as number) : undefined);

type Described = Omit<MachineAction, "id" | "status" | "commands">;

/**
 * The descriptive fields. They are read by hand: a set of a thousand reads each action four times, and a schema that
 * tells no reader what is wrong takes ten times as long.
 */
const described: { readonly [Name in keyof Described]-?: Read<NonNullable<Described[Name]>> } = {
    type: judgedWord,
    scope: word,
    requestor: judgedText,
    requestorComment: judgedText,
    requestSource: word,
    machineId: judgedWord,
    computerDnsName: judgedText,
    creationDateTimeUtc: word,
    lastUpdateDateTimeUtc: word,
    cancellationRequestor: text,
    cancellationComment: text,
    cancellationDateTimeUtc: word,
    errorHResult: integer,
};
const describedFields = Object.entries(described);

/**
 * Reads a machine action from an answer of the API, leniently: only `id` and `status` must be there, because only they
 * decide anything. Returns `undefined` when the value is not a machine action.
 */
export function parseMachineAction(value: unknown): MachineAction | undefined {
    const given = fieldsOf(value);
    const { id, status } = given;
    if (typeof id !== "string" || !isGuid(id) || typeof status !== "string") {
        return undefined;
    }
    const known: Record<string, string | number> = {};
    for (const [name, read] of describedFields) {
        const property = read(given[name]);
        if (property !== undefined) {
            known[name] = property;
        }
    }
    const updated = known.lastUpdateDateTimeUtc ?? word(given.lastUpdateTimeUtc);
    return {
        id: id.toLowerCase(),
        status: foldStatus(status),
        ...known,
        ...(updated === undefined ? {} : { lastUpdateDateTimeUtc: updated }),
        commands: Array.isArray(given.commands) ? given.commands.map(commandOf) : [],
    } as MachineAction;
}

/** Some bodies list the commands as plain strings: then nothing is known about their progress. */
function commandOf(value: unknown): MachineActionCommand {
    const { commandStatus, startTime, endTime } = fieldsOf(value);
    return {
        commandStatus: judgedWord(commandStatus) ?? "Unknown",
        startTime: word(startTime),
        endTime: word(endTime),
    };
}

function fieldsOf(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
