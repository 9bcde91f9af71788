import type { QuotaUse } from "../access/quota.ts";
import { type RequestParts, requestParts, signInParts } from "../command-line/lines.ts";
import type { RecordedRequest } from "../http/request-record.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import type { PageQuota, PageRequest } from "./page-message.ts";
import { pageText } from "./page-rows.ts";

/** One request as the page shows it. `actionStatus` and `machine` are those of the action that it names. */
export function pageRequest(
    request: RecordedRequest,
    actionStatus: string | undefined,
    machine: string | null | undefined,
): PageRequest {
    const parts = requestParts(withOptionsAlone(request), actionStatus);
    return { ...cleaned(parts), at: request.at, machine: pageText(machine ?? ""), outcome: outcomeOf(request) };
}

/** One attempt to sign in as the page shows it. */
export function pageSignIn(signIn: RecordedSignIn): PageRequest {
    const outcome = signIn.outcome === "issued" ? "done" : "refused";
    return { ...cleaned(signInParts(signIn)), at: signIn.at, machine: "", outcome };
}

function cleaned({ method, target, status, meaning }: RequestParts): RequestParts {
    const short = target.replaceAll(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{4,22}(?![0-9a-f])/gi, "$1…");
    return { method: pageText(method), target: pageText(short), status, meaning: pageText(meaning) };
}

/** The values of OData options are shown; any other value of a query may be a secret. */
function withOptionsAlone(request: RecordedRequest): RecordedRequest {
    const query = request.query
        .split("&")
        .map((option) => (/^(?:\$|%24)\w+=/i.test(option) ? option : option.replace(/(?:=.*|^[^=]+$)/s, "=…")))
        .join("&");
    return { ...request, query };
}

function outcomeOf({ status, fault }: RecordedRequest): PageRequest["outcome"] {
    if (fault !== undefined) {
        return "disturbed";
    }
    return status === 429 ? "throttled" : status >= 400 ? "refused" : "done";
}

/** The quotas of each application as the page shows them. */
export function pageQuotas(uses: readonly QuotaUse[]): PageQuota[] {
    return uses.flatMap(({ caller, quotas }) =>
        quotas.map(({ quota, used, waitMs }) => ({
            application: pageText(caller.displayName ?? caller.appId),
            used,
            requests: quota.requests,
            periodSeconds: quota.periodMs / 1_000,
            freeInSeconds: Math.ceil(waitMs / 1_000),
        })),
    );
}

/** The name of the application that has this app id or object id. */
export function applicationName(uses: readonly QuotaUse[], id: string): string | undefined {
    const wanted = id.toLowerCase();
    return uses.find(({ caller }) => caller.appId.toLowerCase() === wanted || caller.objectId?.toLowerCase() === wanted)
        ?.caller.displayName;
}
