/** A row of `ASimAuditEventLogs`, as `report` and `audit --format asim` write it. */
export type EventRow = Record<string, unknown> & { EventOriginalUid: string };

/** Throws by `InputError` where a line is not a row: then nothing is sent. */
export class InputError extends Error {
    override readonly name = "InputError";
}

/** A call of the API takes 1 MB: https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits */
export const maxRowBytes = 900_000;

/** The rows of JSON Lines, each event once: of two rows with the same id the last. */
export function parseEvents(text: string): EventRow[] {
    const events = new Map<string, EventRow>();
    for (const [index, line] of text.split("\n").entries()) {
        if (line.trim() !== "") {
            const event = parseEvent(line, index + 1);
            events.set(event.EventOriginalUid, event);
        }
    }
    return [...events.values()];
}

function parseEvent(line: string, number: number): EventRow {
    const where = `Line ${number} of the input`;
    if (Buffer.byteLength(line) > maxRowBytes) {
        throw new InputError(`${where} has more than ${maxRowBytes} bytes, which is more than the API takes.`);
    }
    const value = parsedOf(line);
    if (!isEvent(value)) {
        // The line itself is not printed: it may be anything.
        throw new InputError(`${where} is not an event. Write the input by \`report\` or \`audit --format asim\`.`);
    }
    return value;
}

function parsedOf(line: string): unknown {
    try {
        return JSON.parse(line);
    } catch {
        return undefined;
    }
}

function isEvent(value: unknown): value is EventRow {
    return (
        typeof value === "object" &&
        value !== null &&
        "EventOriginalUid" in value &&
        typeof value.EventOriginalUid === "string" &&
        value.EventOriginalUid !== ""
    );
}
