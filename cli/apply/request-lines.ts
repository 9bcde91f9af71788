import type { ProvenCancellation, RequestAnswer, RequestIntent } from "../../provider/cancel/request-journal.ts";
import { actionProperties, pickDefined, toOutputs } from "../../provider/model/outputs.ts";
import { utc } from "../../provider/system/clock.ts";
import type { AnswerLine, ApplyLine, RequestLine } from "../state/apply-lines.ts";

/** A line without its number. */
export type NewLine = {
    [Kind in ApplyLine["kind"]]: Omit<Extract<ApplyLine, { kind: Kind }>, "line">;
}[ApplyLine["kind"]];

/** A cancel request in the final document: the request and its answer. */
export interface RequestRecord {
    readonly machineActionId: string;
    readonly atUtc: string;
    readonly observedAtUtc: string;
    readonly statusBefore: string | undefined;
    /** `unknown` if no answer came. */
    readonly result: AnswerLine["result"];
    readonly status?: number | undefined;
    readonly correlationId?: string | undefined;
    readonly date?: string | undefined;
    readonly failure?: string | undefined;
}

export function requestLine(request: number, intent: RequestIntent): Omit<RequestLine, "line"> {
    const { machineActionId, at, observation, comment, digest, guard, by } = intent;
    return {
        kind: "request",
        request,
        machineActionId,
        atUtc: utc(at),
        observedAtUtc: utc(observation.receivedAt),
        action: pickDefined(observation.action, actionProperties),
        comment,
        digest,
        ...by,
        ...guard,
    };
}

export function answerLine(
    { request, machineActionId }: Pick<RequestLine, "request" | "machineActionId">,
    { kind: result, ...answer }: RequestAnswer,
    at: number,
): Omit<AnswerLine, "line"> {
    return { kind: "answer", request, machineActionId, atUtc: utc(at), result, ...answer };
}

export function proofLine({ machineActionId, action, record }: ProvenCancellation): NewLine {
    return { kind: "proof", machineActionId, outputs: toOutputs(action, record) };
}

/** The requests among the lines of a run, with their answers. */
export function requestsIn(lines: readonly NewLine[]): RequestRecord[] {
    const answers = new Map(lines.flatMap((line) => (line.kind === "answer" ? [[line.request, line]] : [])));
    return lines.flatMap((line) => {
        if (line.kind !== "request") {
            return [];
        }
        const { request, machineActionId, atUtc, observedAtUtc, action } = line;
        const { result = "unknown", status, correlationId, date, failure } = answers.get(request) ?? {};
        const statusBefore = typeof action.status === "string" ? action.status : undefined;
        return [{ machineActionId, atUtc, observedAtUtc, statusBefore, result, status, correlationId, date, failure }];
    });
}
