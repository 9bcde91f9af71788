import { z } from "zod";
import type { Http } from "../api/http.ts";
import { listQuery, readPages } from "../api/pages.ts";
import { isMachineId } from "../model/machine-action.ts";
import { parseApiTime } from "../system/clock.ts";
import { judgeableText } from "../text/sanitize.ts";

/** A machine as the API returns it, with its text sanitized. Fields that the API does not return are left out. */
export interface Machine {
    /** 40 hexadecimal digits, lower case. */
    readonly id: string;
    readonly computerDnsName?: string | undefined;
    /** None, Informational, Low, Medium or High. */
    readonly riskScore?: string | undefined;
    readonly machineTags?: readonly string[] | undefined;
    /** Low, Normal or High. */
    readonly deviceValue?: string | undefined;
    /** When its last full report came, about once a day: this does not show whether the machine is online. */
    readonly lastSeen?: string | undefined;
}

/** Reads machines from the API. Role: Machine.Read.All. */
export interface MachinesClient {
    /** The machines that a filter selects, page by page. */
    list(filter: string): AsyncIterable<Machine[]>;
}

const text = z
    .string()
    .transform((one) => judgeableText(one)?.trim() || undefined)
    .nullish()
    .catch(undefined)
    .transform((one) => one ?? undefined);

const wireMachine = z.object({
    id: z.string().refine(isMachineId).toLowerCase(),
    computerDnsName: text,
    riskScore: text,
    // A tag that is not text, or cannot be judged, could hide a protected one: then no tag counts as known.
    machineTags: z
        .array(z.string().transform((tag) => judgeableText(tag)))
        .nullish()
        .catch(undefined)
        .transform((tags) => (tags?.every((tag) => tag !== undefined) ? tags : undefined)),
    deviceValue: text,
    lastSeen: text.transform((one) => one && parseApiTime(one)),
});

/** Parses a machine from an answer of the API, leniently: only its id is required. */
export function parseMachine(value: unknown): Machine | undefined {
    return wireMachine.safeParse(value).data;
}

/** Reads machines over {@link Http}, with the API's paths and formats. */
export function createMachinesClient(http: Http): MachinesClient {
    return {
        async *list(filter) {
            for await (const { rows } of readPages(http, "/api/machines", listQuery(filter))) {
                yield rows.flatMap((row) => parseMachine(row) ?? []);
            }
        },
    };
}
