import {
    foldStatus,
    isGuid,
    type MachineAction,
    type MachineActionCommand,
    type RelatedFileInfo,
} from "../model/machine-action.ts";
import { parseApiTime } from "../system/clock.ts";
import { judgeableText, shortText } from "../text/sanitize.ts";

// These texts go into state, for up to 5,000 actions in one set. State that exceeds the engine's message size is lost.
const maxWord = 200;
const maxText = 10_000;

type Read<Value> = (given: unknown) => Value | undefined;

/** A text that is empty, or becomes empty when it is cleaned, means the same as null or a missing key. */
function unlessEmpty(text: string | undefined): string | undefined {
    return text === undefined || text.trim() === "" ? undefined : text;
}

// A wrong or missing descriptive field must not hide a status, so a value that is not text counts as absent.
const upTo =
    (length: number): Read<string> =>
    (given) =>
        typeof given === "string" ? unlessEmpty(shortText(given, length)) : undefined;
const word = upTo(maxWord);
const text = upTo(maxText);

/** Reads a text that `expect` and the guard check. */
const judged =
    (length: number): Read<string> =>
    (given) =>
        typeof given === "string" ? unlessEmpty(judgeableText(given, length)) : undefined;
const judgedWord = judged(maxWord);
const judgedText = judged(maxText);

/** A time outside a sane range counts as absent. */
const time: Read<string> = (given) => (typeof given === "string" ? parseApiTime(given) : undefined);

const integer: Read<number> = (given) => (Number.isSafeInteger(given) ? (given as number) : undefined);

/** The file of an action. `expect` checks its hash. */
const relatedFile: Read<RelatedFileInfo> = (given) => {
    const { fileIdentifier, fileIdentifierType } = fieldsOf(given);
    const [identifier, type] = [judgedWord(fileIdentifier), word(fileIdentifierType)];
    return identifier === undefined
        ? undefined
        : { fileIdentifier: identifier, ...(type === undefined ? {} : { fileIdentifierType: type }) };
};

type Described = Omit<MachineAction, "id" | "status" | "commands">;

/**
 * The descriptive fields. They are read without a schema, because a set of a thousand reads each action four times, and
 * a schema takes ten times as long. The error messages of a schema would not be used.
 */
const described: { readonly [Name in keyof Described]-?: Read<NonNullable<Described[Name]>> } = {
    type: judgedWord,
    scope: word,
    title: word,
    externalId: judgedWord,
    relatedFileInfo: relatedFile,
    requestor: judgedText,
    requestorComment: judgedText,
    requestSource: word,
    machineId: judgedWord,
    computerDnsName: judgedText,
    creationDateTimeUtc: time,
    lastUpdateDateTimeUtc: time,
    cancellationRequestor: text,
    cancellationComment: text,
    cancellationDateTimeUtc: time,
    errorHResult: integer,
};
const describedFields = Object.entries(described);

/**
 * Reads a machine action from an answer of the API. Only `id` and `status` are required, because only they decide
 * anything. Returns `undefined` when the value is not a machine action.
 */
export function parseMachineAction(value: unknown): MachineAction | undefined {
    const given = fieldsOf(value);
    const { id, status } = given;
    if (typeof id !== "string" || !isGuid(id) || typeof status !== "string") {
        return undefined;
    }
    const known: Record<string, string | number | RelatedFileInfo> = {};
    for (const [name, read] of describedFields) {
        const property = read(given[name]);
        if (property !== undefined) {
            known[name] = property;
        }
    }
    const updated = known.lastUpdateDateTimeUtc ?? time(given.lastUpdateTimeUtc);
    return {
        id: id.toLowerCase(),
        status: foldStatus(status),
        ...known,
        ...(updated === undefined ? {} : { lastUpdateDateTimeUtc: updated }),
        commands: Array.isArray(given.commands)
            ? given.commands.map((command, at) => commandOf(command, at < maxCommands))
            : [],
    } as MachineAction;
}

/** The maximum number of commands and parameters whose content is kept. The status of every command is kept. */
const maxCommands = 20;
const maxParams = 10;

/** Some bodies list the commands as plain strings. The progress of such commands is unknown. */
function commandOf(value: unknown, isDescribed: boolean): MachineActionCommand {
    const { commandStatus, startTime, endTime, command = value } = fieldsOf(value);
    const content = isDescribed ? contentOf(command) : undefined;
    return {
        commandStatus: judgedWord(commandStatus) ?? "Unknown",
        startTime: startOf(startTime),
        endTime: time(endTime),
        ...(content === undefined ? {} : { command: content }),
    };
}

/**
 * When a command started. A text that is not a time is kept, because it shows that the command has started. Only an
 * empty text or .NET's unset time (in the year 1) shows that the command has not started.
 */
function startOf(value: unknown): string | undefined {
    const text = word(value);
    const isUnset = text === undefined || /^(?:0*1-0?1-0?1|0?1[-/]0?1[-/]0*1)(?!\d)/.test(text);
    return time(value) ?? (isUnset ? undefined : text);
}

function contentOf(given: unknown): MachineActionCommand["command"] {
    const { type, params } = fieldsOf(given);
    const name = word(typeof given === "string" ? given : type);
    if (name === undefined) {
        return undefined;
    }
    const all = Array.isArray(params) ? params.slice(0, maxParams) : [];
    return {
        type: name,
        params: all.flatMap((param) => {
            const [key, value] = [word(fieldsOf(param).key), word(fieldsOf(param).value)];
            return key === undefined ? [] : [{ key, value: value ?? "" }];
        }),
    };
}

function fieldsOf(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
