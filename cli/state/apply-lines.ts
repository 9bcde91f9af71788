import { z } from "zod";
import type { Properties } from "../../provider/schema/input-rules.ts";

/**
 * The lines of an `apply` that has not ended: one JSON object a line, numbered from 0. `cli/apply/evidence-record`
 * writes them, and `apply-record` reads them. `docs/apply.md` has the format.
 */

/** The kind of the first line. */
export const journalKind = "defender-cancellation apply journal";

export const journalVersion = 1;

/** The first line, written before anything is sent. */
export interface HeaderLine {
    readonly line: 0;
    readonly kind: typeof journalKind;
    readonly version: number;
    readonly packageVersion?: string | undefined;
    readonly reason?: string | undefined;
    readonly declaredBy?: string | undefined;
    readonly operator?: string | undefined;
    readonly file?: string | undefined;
    readonly fileSha256?: string | undefined;
    readonly digest: string;
    readonly startedAtUtc: string;
    /** As in the final document, without the outputs. */
    readonly resource: { readonly type: string; readonly id?: string | undefined; readonly inputs: Properties };
}

/** A cancel request, written before it is sent. */
export interface RequestLine {
    readonly line: number;
    readonly kind: "request";
    /** The number of the request in this run, from 1. */
    readonly request: number;
    readonly machineActionId: string;
    readonly atUtc: string;
    /** When the reading that allows the request was received. */
    readonly observedAtUtc: string;
    /** The action in that reading, under the names of the outputs. */
    readonly action: Properties;
    readonly comment: string;
    readonly digest: string;
    readonly appId?: string | undefined;
    readonly tenantId?: string | undefined;
    readonly apiHost: string;
    readonly packageVersion: string;
    readonly guardSha256?: string | undefined;
    readonly approvedDigest?: string | undefined;
}

/** The answer to a request, or why there is none. */
export interface AnswerLine {
    readonly line: number;
    readonly kind: "answer";
    /** The number of the request. */
    readonly request: number;
    readonly machineActionId: string;
    readonly atUtc: string;
    readonly result: "accepted" | "refused" | "unknown" | "not sent";
    readonly status?: number | undefined;
    readonly correlationId?: string | undefined;
    readonly date?: string | undefined;
    /** The action's status in the answer. */
    readonly statusAfter?: string | undefined;
    /** When the API took the cancellation, as the answer shows it. */
    readonly cancellationDateTimeUtc?: string | undefined;
    readonly failure?: string | undefined;
}

/** A proven final status: the outputs that a single resource would have. */
export interface ProofLine {
    readonly line: number;
    readonly kind: "proof";
    readonly machineActionId: string;
    readonly outputs: Properties;
}

/** The final document, if it could not replace the lines. */
export interface DocumentLine {
    readonly line: number;
    readonly kind: "document";
    readonly document: Properties;
}

export type ApplyLine = HeaderLine | RequestLine | AnswerLine | ProofLine | DocumentLine;

/** A line without its number. */
export type NewLine = {
    [Kind in ApplyLine["kind"]]: Omit<Extract<ApplyLine, { kind: Kind }>, "line">;
}[ApplyLine["kind"]];

const text = z.string().optional();
/** A time in a line. */
export const lineTime: z.ZodType<string> = z.string().refine((value) => !Number.isNaN(Date.parse(value)));
/** How a request was answered. */
export const answerResult: z.ZodType<AnswerLine["result"]> = z.enum(["accepted", "refused", "unknown", "not sent"]);
const properties = z.record(z.string(), z.unknown());

/** Parses a line. It is not trusted, because a file may contain any text. */
export const applyLine: z.ZodType<ApplyLine> = z.discriminatedUnion("kind", [
    z.object({
        line: z.literal(0),
        kind: z.literal(journalKind),
        version: z.number(),
        packageVersion: text,
        reason: text,
        declaredBy: text,
        operator: text,
        file: text,
        fileSha256: text,
        digest: z.string(),
        startedAtUtc: lineTime,
        resource: z.object({ type: z.string(), id: text, inputs: properties }),
    }),
    z.object({
        line: z.number(),
        kind: z.literal("request"),
        request: z.number(),
        machineActionId: z.string(),
        atUtc: lineTime,
        observedAtUtc: lineTime,
        action: properties,
        comment: z.string(),
        digest: z.string(),
        appId: text,
        tenantId: text,
        apiHost: z.string(),
        packageVersion: z.string(),
        guardSha256: text,
        approvedDigest: text,
    }),
    z.object({
        line: z.number(),
        kind: z.literal("answer"),
        request: z.number(),
        machineActionId: z.string(),
        atUtc: lineTime,
        result: answerResult,
        status: z.number().optional(),
        correlationId: text,
        date: text,
        statusAfter: text,
        cancellationDateTimeUtc: text,
        failure: text,
    }),
    z.object({ line: z.number(), kind: z.literal("proof"), machineActionId: z.string(), outputs: properties }),
    z.object({ line: z.number(), kind: z.literal("document"), document: properties }),
]);
