import type { ClientOperation, Exchange } from "./client-kind.ts";

/** The documented requests, which most clients send like this. */
export type UsualOperation = Exclude<
    ClientOperation,
    "sign in" | "test the connection" | "list machines" | "find a machine" | "list actions" | "library files"
>;

export const form = { "content-type": "application/x-www-form-urlencoded" } as const;

export const actionRead = [
    "id",
    "type",
    "status",
    "requestor",
    "requestorComment",
    "machineId",
    "creationDateTimeUtc",
    "lastUpdateDateTimeUtc",
] as const;
export const machineRead = ["id", "computerDnsName", "osPlatform", "lastSeen", "healthStatus", "riskScore"] as const;

/** These properties of each row of a list. */
export const eachRow = (names: readonly string[]): string[] => names.map((name) => `value[].${name}`);

/** Finds the machine by its address, as the documentation does. */
export const findByIp: Exchange = {
    request: "GET /api/machines/findbyip(ip='{ip}',timestamp=2026-05-04T10:00:00Z)",
    says: { "value[].id": "{machine}" },
};

/** Submits an action on the machine; nearly all clients read these properties of the answer. */
export function submit(name: string, body: unknown, more: Partial<Exchange> = {}): Exchange {
    const reads = ["id", "type", "status", "machineId"];
    return { request: `POST /api/machines/{machine}/${name}`, body, status: 201, reads, ...more };
}

/** Reads the action once the machine must have done it. */
export function untilSucceeded(seconds: number, more: Partial<Exchange> = {}): Exchange {
    const reads = ["id", "type", "lastUpdateDateTimeUtc"];
    const says = { status: "Succeeded" };
    return { request: "GET /api/machineactions/{action}", after: seconds, says, reads, ...more };
}

export const runScript = [
    {
        type: "RunScript",
        params: [
            { key: "ScriptName", value: "collect.ps1" },
            { key: "Args", value: "--noargs" },
        ],
    },
] as const;

const sha1 = "3395856ce81f2b7382dee72602f798b642f14140";

/** The requests of the documentation, with this comment and these headers. */
export function usualRequests(
    Comment: string,
    headers: Record<string, string> = {},
): Readonly<Record<UsualOperation, readonly Exchange[]>> {
    const send = (name: string, body: object = {}) => submit(name, { Comment, ...body }, { headers });
    const get = (name: string, more: Partial<Exchange> = {}): Exchange => ({
        request: `GET /api/machineactions/{action}${name}`,
        headers,
        reads: ["value"],
        ...more,
    });
    // The API names no machine in its answer to these two.
    const sendUnnamed = (name: string, body: object = {}) =>
        submit(name, { Comment, ...body }, { headers, reads: ["id", "type", "status", "machineId?"] });
    return {
        isolate: [send("isolate", { IsolationType: "Full" })],
        unisolate: [send("unisolate")],
        "restrict apps": [send("restrictCodeExecution")],
        "unrestrict apps": [send("unrestrictCodeExecution")],
        scan: [send("runAntiVirusScan", { ScanType: "Quick" })],
        "stop and quarantine": [send("StopAndQuarantineFile", { Sha1: sha1 })],
        "collect a package": [send("collectInvestigationPackage"), get("/getPackageUri", { after: 1_200 })],
        offboard: [sendUnnamed("offboard")],
        "start an investigation": [
            submit("startInvestigation", { Comment }, { headers, reads: ["id", "state"], status: 201 }),
        ],
        "live response": [
            sendUnnamed("runliveresponse", { Commands: runScript }),
            get("", { after: 10, reads: ["status", "commands[].index", "commands[].command.type"] }),
            untilSucceeded(1_200, { headers }),
            get("/GetLiveResponseResultDownloadLink(index=0)"),
            { request: "GET {link}", reads: ["script_name", "exit_code", "script_output", "script_errors"] },
        ],
        cancel: [
            {
                request: "POST /api/machineactions/{action}/cancel",
                headers,
                body: { Comment },
                says: { id: "{action}", status: "Cancelled", cancellationComment: Comment },
                reads: ["cancellationRequestor", "cancellationDateTimeUtc"],
            },
        ],
        "poll to the end": [send("isolate", { IsolationType: "Full" }), untilSucceeded(600, { headers })],
    };
}

/** A form that asks for a token, and the parts of the answer that a client reads. */
export function signIn(version: "v1" | "v2", fields: Readonly<Record<string, string>>): Exchange {
    const body = Object.entries({ grant_type: "client_credentials", ...fields })
        .map(([name, value]) => `${name}=${value.startsWith("{") ? value : encodeURIComponent(value)}`)
        .join("&");
    const request = `POST /{tenant}/oauth2/${version === "v1" ? "" : "v2.0/"}token`;
    return { request, headers: form, body, reads: ["access_token", "token_type", "expires_in"] };
}

export const secretOf = { client_id: "{client}", client_secret: "{secret}" } as const;
