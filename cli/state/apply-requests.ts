import { z } from "zod";
import { type AnswerLine, answerResult, lineTime, type NewLine } from "./apply-lines.ts";
import { isNear } from "./moments.ts";

/** A cancel request of an `apply`: the request and its answer, as the final document lists them. */
export interface RequestRecord extends Pick<AnswerLine, AnswerValue> {
    readonly machineActionId: string;
    readonly atUtc: string;
    readonly observedAtUtc: string;
    readonly statusBefore?: string | undefined;
    /** `unknown` if no answer came. */
    readonly result: AnswerLine["result"];
}

type AnswerValue = "status" | "correlationId" | "date" | "statusAfter" | "cancellationDateTimeUtc" | "failure";

/** The requests among the lines of a run, with their answers. */
export function requestsIn(lines: readonly NewLine[]): RequestRecord[] {
    const answers = new Map(lines.flatMap((line) => (line.kind === "answer" ? [[line.request, line]] : [])));
    return lines.flatMap((line) => {
        if (line.kind !== "request") {
            return [];
        }
        const { request, machineActionId, atUtc, observedAtUtc, action } = line;
        const answer: Partial<AnswerLine> = answers.get(request) ?? {};
        const { result = "unknown", status, correlationId, date, statusAfter, cancellationDateTimeUtc } = answer;
        return [
            {
                ...{ machineActionId, atUtc, observedAtUtc },
                statusBefore: typeof action.status === "string" ? action.status : undefined,
                ...{ result, status, correlationId, date, statusAfter, cancellationDateTimeUtc },
                failure: answer.failure,
            },
        ];
    });
}

const text = z.string().optional().catch(undefined);
const record = z.object({
    machineActionId: z.string(),
    atUtc: lineTime,
    observedAtUtc: lineTime,
    statusBefore: text,
    result: answerResult,
    status: z.number().optional().catch(undefined),
    correlationId: text,
    date: text,
    statusAfter: text,
    cancellationDateTimeUtc: text,
    failure: text,
});

/** The requests that a document lists. A document may contain anything: what is no request is left out. */
export function requestsListed(requests: unknown): RequestRecord[] {
    return Array.isArray(requests) ? requests.flatMap((one) => record.safeParse(one).data ?? []) : [];
}

/** The requests of each action that the API took, or may have taken, in the order in which they were sent. */
export type TakenRequests = ReadonlyMap<string, readonly RequestRecord[]>;

export function takenRequests(requests: readonly RequestRecord[]): TakenRequests {
    return Map.groupBy(requests.filter(mayBeTaken), ({ machineActionId }) => machineActionId);
}

/** Whether the API took the request, or may have. */
export function mayBeTaken({ result }: { readonly result?: unknown }): boolean {
    return result === "accepted" || result === "unknown";
}

/** Whether this is the request that a result has. A result has whole seconds. */
export function isRequestOf({ atUtc }: RequestRecord, requestedAtUtc: string | undefined): boolean {
    return isNear(atUtc, requestedAtUtc, 999);
}
