import { z } from "zod";
import { checkForm } from "../forms/check-form.ts";
import type { Operation } from "../routes/route.ts";
import { type Fault, type FaultPlan, type FaultRequest, faultNames, isListFault } from "./fault.ts";

/** One entry of a fault script: the requests that it applies to, and their fault. Can be written as JSON. */
export interface ScriptedFault {
    /** Default: any operation, or `list` for a fault that fits only lists. */
    operation?: Operation;
    /** The requests that name this machine action. Default: all. */
    actionId?: string;
    /** The first, second ... of the requests that fit `operation` and `actionId`. Default: all of them. */
    nth?: number | readonly number[];
    fault: Fault;
}

const headers = z.record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[\t\x20-\x7e]*$/));
const forms = [
    z.enum(faultNames),
    z.discriminatedUnion("name", [
        z.strictObject({
            name: z.literal("429"),
            retryAfterSeconds: z.int().min(0).exactOptional(),
            message: z.string().exactOptional(),
        }),
        z.strictObject({ name: z.literal("slow first byte"), milliseconds: z.int().min(0).max(600_000) }),
        z.strictObject({ name: z.literal("not visible"), actionId: z.guid() }),
        z.strictObject({ name: z.literal("links to another host"), origin: z.url({ protocol: /^https?$/ }) }),
        z.strictObject({
            name: z.literal("answer"),
            when: z.enum(["before", "after"]),
            status: z.int().min(200).max(599),
            body: z.string().exactOptional(),
            headers: headers.exactOptional(),
        }),
    ]),
] as const;
const fault: z.ZodType<Fault> = z.union(forms);

const ordinal = z.int().min(1);
const script: z.ZodType<readonly ScriptedFault[]> = z.array(
    z
        .strictObject({
            operation: z.enum(["get", "list", "cancel", "create", "machine", "machines", "other"]).exactOptional(),
            actionId: z.guid().exactOptional(),
            nth: z.union([ordinal, z.array(ordinal)]).exactOptional(),
            fault,
        })
        .refine(
            ({ operation = "list", fault: one }) =>
                operation === "list" || operation === "machines" || !isListFault(one),
            {
                message: "this fault fits only lists",
                path: ["fault"],
            },
        ),
);

/**
 * The fault plan that a script describes. The first entry that fits a request applies. The plan counts the requests, so
 * each simulator needs a plan of its own. If the script is malformed, throws an error that names the place.
 */
export function faultScript(entries: readonly ScriptedFault[]): FaultPlan {
    const lines = checkForm(script, entries, "The fault script is malformed: ").map((entry) => ({ entry, seen: 0 }));
    return (request) => {
        const due = lines.filter((line) => {
            if (!fits(line.entry, request)) {
                return false;
            }
            line.seen += 1;
            const { nth } = line.entry;
            return nth === undefined || [nth].flat().includes(line.seen);
        });
        return due[0]?.entry.fault;
    };
}

function fits(entry: ScriptedFault, { operation, actionId }: FaultRequest): boolean {
    const wanted = entry.operation ?? (isListFault(entry.fault) ? "list" : operation);
    return wanted === operation && (entry.actionId === undefined || entry.actionId.toLowerCase() === actionId);
}
