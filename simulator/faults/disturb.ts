import { unauthorized } from "../access/access-token.ts";
import { quotaExceeded } from "../access/quota.ts";
import { ApiError } from "../http/errors.ts";
import { dropped, gatewayReply, plainReply, type Reply, refusalReply } from "../http/reply.ts";
import { type Alteration, hiding, linksTo, linkToItself, rows, unfiltered } from "./alteration.ts";
import type { Fault, FaultName } from "./fault.ts";

/** How a fault is produced. */
type Effect =
    | { kind: "instead"; reply: (trackingId: string) => Reply }
    | { kind: "afterwards"; change: (reply: Reply, trackingId: string) => Reply }
    | { kind: "within"; alteration: Alteration };

const instead = (reply: (trackingId: string) => Reply): Effect => ({ kind: "instead", reply });
const afterwards = (change: (reply: Reply, trackingId: string) => Reply): Effect => ({ kind: "afterwards", change });
const within = (alteration: Alteration): Effect => ({ kind: "within", alteration });

const serverError = new ApiError(500, "InternalServerError", "Something went wrong. Try again later.");
const unavailable = new ApiError(503, "ServiceUnavailable", "The service is temporarily unavailable.");
const badGateway = gatewayReply(502, "<html><body><h1>502 Bad Gateway</h1></body></html>\r\n");
const documentedLimit = { requests: 100, periodMs: 60_000 };

const effects: Readonly<Record<FaultName, Effect>> = {
    "drop before": instead(() => dropped),
    "drop after": afterwards(() => dropped),
    "500 before": instead((trackingId) => refusalReply(serverError, trackingId)),
    "500 after": afterwards((_, trackingId) => refusalReply(serverError, trackingId)),
    "502 before": instead(() => badGateway),
    "502 after": afterwards(() => badGateway),
    "503 before": instead((trackingId) => refusalReply(unavailable, trackingId)),
    "503 after": afterwards((_, trackingId) => refusalReply(unavailable, trackingId)),
    "401": instead((trackingId) => refusalReply(unauthorized("The bearer token is not accepted."), trackingId)),
    "429": throttled(undefined, undefined),
    "short body": afterwards((reply) => ({ ...reply, delivery: "cut short", ids: undefined })),
    "cut JSON": afterwards((reply) => ({
        ...reply,
        body: reply.body.slice(0, reply.body.length / 2),
        ids: undefined,
    })),
    "not visible": within(hiding(undefined)),
    "lacks a row": within(rows(([, ...rest]) => rest)),
    "repeats a row": within(rows((all) => [...all, ...all.slice(0, 1)])),
    "ignores the filter": within(unfiltered),
    "repeats a page": within(linkToItself),
    "links to another host": within(linksTo("https://api.contoso.example")),
};

function throttled(retryAfterSeconds: number | undefined, message: string | undefined): Effect {
    const { status, code, message: usual, headers } = quotaExceeded(documentedLimit, retryAfterSeconds);
    return instead((trackingId) => refusalReply(new ApiError(status, code, message ?? usual, headers), trackingId));
}

function effectOf(fault: Fault): Effect {
    if (typeof fault === "string") {
        return effects[fault];
    }
    switch (fault.name) {
        case "429":
            return throttled(fault.retryAfterSeconds, fault.message);
        case "slow first byte":
            return afterwards((reply) => ({ ...reply, delayMs: fault.milliseconds }));
        case "not visible":
            return within(hiding(fault.actionId));
        case "links to another host":
            return within(linksTo(fault.origin));
        case "answer": {
            const reply = plainReply(fault.status, fault.body ?? "", fault.headers);
            return fault.when === "before" ? instead(() => reply) : afterwards(() => reply);
        }
    }
}

/** The reply to a request that meets a fault. `answer` carries the request out, with the given alteration. */
export function disturb(fault: Fault, answer: (alteration?: Alteration) => Reply, trackingId: string): Reply {
    const effect = effectOf(fault);
    switch (effect.kind) {
        case "instead":
            return effect.reply(trackingId);
        case "within":
            return answer(effect.alteration);
        case "afterwards": {
            const reply = answer();
            return { ...effect.change(reply, trackingId), granted: reply.granted };
        }
    }
}
