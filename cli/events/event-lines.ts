import { jsonText } from "../safe-text.ts";
import { asimRow } from "./asim.ts";
import type { CancellationEvent } from "./event.ts";
import { ocsfEvent } from "./ocsf.ts";

/** The formats of events. */
export type EventFormat = "ocsf" | "asim";

const formats: Readonly<Record<EventFormat, (event: CancellationEvent) => object>> = { ocsf: ocsfEvent, asim: asimRow };

/** The events in a format, one JSON object a line; empty without events. */
export function eventLines(events: readonly CancellationEvent[], format: EventFormat): string {
    return events.map((event) => jsonText(formats[format](event))).join("\n");
}
