import { z } from "zod";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import { shortText } from "../text/sanitize.ts";
import { type BodyText, parseBody } from "./answer-body.ts";

/** The parts of a request that an error names. */
export interface RequestTarget {
    readonly method: "GET" | "POST";
    /** Below the API's URL, starting with a slash. */
    readonly path: string;
    /** The action concerned. */
    readonly machineActionId?: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

interface RefusingAnswer {
    readonly statusCode: number;
    readonly headers: Headers;
    readonly body: BodyText;
}

// The fields that the API, its gateways and its OData layer have been seen to send. None of them is required.
const envelope = z.object({
    error: z.object({
        code: z.string().catch(""),
        message: z.string().catch(""),
        target: z.string().optional().catch(undefined),
    }),
});

/** Turns an answer with a status of 400 or above into an error. `roles`: the roles that the token lists. */
export function refusalOf(request: RequestTarget, answer: RefusingAnswer, roles: readonly string[]): DefenderError {
    const status = answer.statusCode;
    const body = parseBody(answer.body);
    // A gateway's answer may be HTML or empty. Then the message has only the status.
    const said = {
        ...{ code: "", message: "", target: undefined },
        ...envelope.safeParse("value" in body ? body.value : undefined).data?.error,
    };
    const words = [said.code, shortText(said.message, 300).replace(/\.$/, "")].filter((part) => part !== "").join(". ");
    const { code, advice = "" } = judge(status, said.code, request.method, roles);
    return new DefenderError(
        code,
        `${request.method} ${request.path} answered ${status}${words && `: ${words}`}${advice}`,
        {
            status,
            trackingId: header(answer.headers, "mise-correlation-id") ?? said.target,
            machineActionId: request.machineActionId,
        },
    );
}

/** A header that occurs once, cut to 100 characters. */
export function header(headers: Headers, name: string): string | undefined {
    const value = headers[name];
    return typeof value === "string" ? shortText(value, 100) : undefined;
}

function judge(
    status: number,
    apiCode: string,
    method: RequestTarget["method"],
    roles: readonly string[],
): { code: DefenderErrorCode; advice?: string } {
    switch (true) {
        case status === 401:
            return {
                code: "ERR_DEFENDER_UNAUTHORIZED",
                advice: `. The token is missing, expired or made for another API: get a new one`,
            };
        case status === 403: {
            const advice = beyondRoles.get(apiCode.toLowerCase()) ?? rolesAdvice(method, roles);
            return { code: "ERR_DEFENDER_FORBIDDEN", advice: `. ${advice}` };
        }
        case status === 404 && /notfound/i.test(apiCode):
            return { code: "ERR_DEFENDER_NOT_FOUND" };
        // A 404 without the API's own code comes from a gateway, and says nothing about the action.
        case status === 404:
            return { code: "ERR_DEFENDER_RESPONSE", advice: ", which is not the API's own answer" };
        case status === 429:
            return { code: "ERR_DEFENDER_THROTTLED" };
        case status === 407:
            return { code: "ERR_DEFENDER_NETWORK", advice: ": the proxy requires a valid login; check HTTPS_PROXY" };
        // A request that timed out on the way may have been carried out.
        case status === 408 || status >= 500:
            return { code: "ERR_DEFENDER_SERVER" };
        default:
            return { code: "ERR_DEFENDER_REFUSED" };
    }
}

/**
 * What to do about the codes of a 403 that no role changes
 * (https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors).
 */
const beyondRoles: ReadonlyMap<string, string> = new Map([
    [
        "disabledfeature",
        "The tenant has switched this feature off; roles do not change that. Ask an administrator of Defender, under " +
            "Settings > Endpoints > Advanced features",
    ],
    [
        "disallowedoperation",
        "Defender does not allow this operation here, such as on a machine of this platform or under this licence; " +
            "roles do not change that. See the message, and the action in the portal",
    ],
]);

// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object and .../cancel-machine-action.
// Machine.ReadWrite.All and Machine.LiveResponse would also suffice, but allow far more, so the message does not name
// them.
const wanted = {
    GET: "Reading requires the role Machine.Read.All",
    POST:
        "Cancelling requires one action role, preferably that of the action's type: Machine.Isolate, Machine.Scan, " +
        "Machine.CollectForensics, Machine.RestrictExecution, Machine.StopAndQuarantine or Machine.Offboard",
} as const;

function rolesAdvice(method: RequestTarget["method"], roles: readonly string[]): string {
    const has = roles.length > 0 ? roles.map((role) => shortText(role, 60)).join(", ") : "no role";
    return `${wanted[method]}; the token lists ${has}`;
}
