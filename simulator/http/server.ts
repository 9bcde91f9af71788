import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { bearerToken, type Caller, type TokenReader } from "../access/access-token.ts";
import type { QuotaLedger } from "../access/quota.ts";
import { type ForbiddenWording, requireRole } from "../access/roles.ts";
import { formatTime } from "../actions/machine-action.ts";
import type { Alteration } from "../faults/alteration.ts";
import { disturb } from "../faults/disturb.ts";
import { type Fault, type FaultPlan, isListFault } from "../faults/fault.ts";
import { type Destination, findRoute } from "../routes/find-route.ts";
import type { Answer, Operation, Tenant } from "../routes/route.ts";
import type { BodyEncoder } from "./compression.ts";
import { ApiError } from "./errors.ts";
import { createWay, type LatencyPlan } from "./latency.ts";
import { grantedReply, type Reply, refusalReply, send } from "./reply.ts";
import { beginRecord, type RecordedRequest } from "./request-record.ts";
import { readRequestText } from "./request-text.ts";

/** The options of the listener. */
export interface ListenerOptions {
    /** For links back to this server. */
    scheme: "http" | "https";
    readToken: TokenReader;
    forbiddenWording: ForbiddenWording;
    quotas: QuotaLedger;
    faults: FaultPlan | undefined;
    now: () => number;
    latency: LatencyPlan;
    /** Waits this many milliseconds, for the latency. */
    sleep: (milliseconds: number) => Promise<void>;
    encode: BodyEncoder;
    /** The `cancellationRequestor` that the API shows for a cancellation by this caller. */
    nameCanceller: (caller: Caller) => string;
    /** Called with the finished record just before the answer goes out. */
    onAnswer: (request: RecordedRequest) => void;
    /** Called when the answer has been sent, or the connection was closed instead. */
    onSent: (request: RecordedRequest) => void;
}

/** Answers a server's requests as the API would. */
export function createListener(
    tenant: Tenant,
    {
        scheme,
        readToken,
        forbiddenWording,
        quotas,
        faults,
        now,
        latency,
        sleep,
        encode,
        nameCanceller,
        onAnswer,
        onSent,
    }: ListenerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    const faultOf = countingPlan(faults);
    const wayOf = createWay(latency, sleep);

    function grant(destination: Destination, record: RecordedRequest, alteration: Alteration): Answer {
        const { id, roles, answer } = destination;
        const { headers, path, query, body } = record;
        const caller = readToken(bearerToken(headers.authorization));
        record.application = caller.displayName;
        quotas.take(caller);
        requireRole(caller.roles, roles, forbiddenWording);
        const origin = `${scheme}://${headers.host ?? ""}`;
        const contentType = headers["content-type"];
        const by = { requestor: caller.displayName, canceller: nameCanceller(caller) };
        const time = formatTime(now());
        const work = alteration({ tenant, call: { id, query, time, origin, path, contentType, body, ...by } });
        return answer(work.tenant, work.call);
    }

    return async (request, response) => {
        const trackingId = randomUUID();
        const destination = findRoute(request.method ?? "", (request.url ?? "").split("?")[0] ?? "");
        const { operation, actionId } = beginRecord(request, destination, now());
        const way = wayOf({ operation, ...(actionId === undefined ? {} : { actionId }) });
        await way.there();
        const record = beginRecord(request, destination, now());
        const refuse = (cause: unknown): Reply => {
            const error = cause instanceof ApiError ? cause : new ApiError(500, "InternalServerError", String(cause));
            if (error.code !== "") {
                record.errorCode = error.code;
            }
            return refusalReply(error, trackingId);
        };
        const answer = (alteration: Alteration = (work) => work): Reply => {
            try {
                return grantedReply(grant(destination, record, alteration));
            } catch (cause) {
                return refuse(cause);
            }
        };
        let reply: Reply;
        try {
            const fault = faultOf(record);
            record.body = await readRequestText(request);
            if (fault !== undefined) {
                record.fault = fault;
            }
            reply = fault === undefined ? answer() : disturb(fault, answer, trackingId);
        } catch (cause) {
            if (request.destroyed && !request.complete) {
                // The client has disconnected.
                return;
            }
            reply = refuse(cause);
        }
        complete(record, reply);
        onAnswer(record);
        const headers = {
            "content-type": "application/json; charset=utf-8",
            ...(reply.isFromGateway ? {} : { "mise-correlation-id": trackingId }),
            date: new Date(now()).toUTCString(),
        };
        await way.back();
        const { bytes, headers: encoding } = await encode(reply, record.headers["accept-encoding"]);
        await send(response, reply, bytes, { ...headers, ...encoding }, () => onSent(record));
    };
}

function isList(operation: Operation): boolean {
    return operation === "list" || operation === "machines";
}

/** Numbers each request as it comes in, and returns its fault from the plan. */
function countingPlan(plan: FaultPlan | undefined): (record: RecordedRequest) => Fault | undefined {
    const counts = new Map<Operation, number>();
    let nthOverall = 0;
    return ({ operation, actionId, query }) => {
        const nth = (counts.get(operation) ?? 0) + 1;
        counts.set(operation, nth);
        nthOverall += 1;
        const named = { ...(actionId === undefined ? {} : { actionId }), ...(query === "" ? {} : { query }) };
        const fault = plan?.({ operation, nthOverall, nth, ...named });
        if (fault !== undefined && isListFault(fault) && !isList(operation)) {
            throw new TypeError(`The fault ${JSON.stringify(fault)} fits only lists, not ${operation}.`);
        }
        return fault;
    };
}

function complete(record: RecordedRequest, { status, ids, granted }: Reply): void {
    record.status = status;
    record.carriedOut = granted !== undefined;
    if (ids !== undefined) {
        record.ids = ids;
    }
    const [created] = granted?.ids ?? [];
    if (record.operation === "create" && created !== undefined) {
        record.actionId = created;
    }
}
