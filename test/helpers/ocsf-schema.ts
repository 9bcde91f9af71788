import { Ajv2020 } from "ajv/dist/2020.js";
import { storedSchema } from "../../tools/events/ocsf-validator.ts";

const matches = new Ajv2020({ allErrors: true, strict: false }).compile(JSON.parse(storedSchema()));

/** An event as JSON. */
export type OcsfEvent = {
    readonly metadata: { readonly uid: string; readonly event_code: string };
    readonly status_id: number;
    readonly status_code: string;
    readonly command_uid: string;
    // biome-ignore lint/suspicious/noExplicitAny: the schema says what the rest is
    readonly [name: string]: any;
};

/** The events in the output of the command. */
export function eventsIn(stdout: string): OcsfEvent[] {
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as OcsfEvent]));
}

/** What OCSF's published schema finds wrong with the events, a line for each problem. */
export function problemsOf(events: readonly unknown[]): string[] {
    return events.flatMap((event, index) =>
        matches(event)
            ? []
            : (matches.errors ?? []).map(({ instancePath, message }) => `${index}${instancePath} ${message}`),
    );
}
