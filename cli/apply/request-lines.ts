import type { ProvenCancellation, RequestAnswer, RequestIntent } from "../../provider/cancel/request-journal.ts";
import { actionProperties, pickDefined, toOutputs } from "../../provider/model/outputs.ts";
import { utc } from "../../provider/system/clock.ts";
import type { AnswerLine, NewLine, RequestLine } from "../state/apply-lines.ts";

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
