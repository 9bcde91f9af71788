import type { ClientKind } from "../client-kind.ts";
import {
    actionRead,
    eachRow,
    findByIp,
    machineRead,
    runScript,
    secretOf,
    signIn,
    submit,
    untilSucceeded,
    usualRequests,
} from "../usual-requests.ts";

const scope = "https://api.securitycenter.microsoft.com/.default";

/** Microsoft's own examples: curl, PowerShell and Python, and the queries of its OData page. */
export const examples: ClientKind = {
    name: "Microsoft's examples",
    recordings: {
        ...usualRequests("by an example"),
        "sign in": [
            // curl
            signIn("v2", {
                client_id: "{client}",
                scope: "https://securitycenter.onmicrosoft.com/windowsatpservice/.default",
                client_secret: "{secret}",
            }),
            // PowerShell and Python
            signIn("v1", { resource: "https://api.securitycenter.microsoft.com", ...secretOf }),
        ],
        "test the connection": [
            {
                request: "GET /api/alerts?$filter=alertCreationTime%20ge%202026-05-02T10:00:00Z",
                headers: { accept: "application/json" },
                reads: ["value"],
            },
        ],
        "list machines": [
            {
                request: "GET /api/machines?$filter=lastSeen%20gt%202018-08-01Z",
                reads: eachRow([...machineRead, "exposureLevel", "machineTags", "rbacGroupName"]),
            },
            {
                request: "GET /api/machines?$filter=healthStatus%20ne%20'ImpairedCommunication'&$select=id,riskScore",
                reads: eachRow(["id", "riskScore"]),
            },
        ],
        "find a machine": [
            { request: "GET /api/machines/{name}", says: { id: "{machine}" } },
            {
                request: "GET /api/machines?$filter=startswith(computerDnsName,'ws-1')",
                says: { "value[].id": "{machine}" },
            },
            findByIp,
        ],
        "list actions": [
            {
                request: "GET /api/machineactions?$filter=machineId%20eq%20'{other}'&$top=2",
                reads: eachRow([...actionRead, "relatedFileInfo?"]),
            },
            {
                request:
                    "GET /api/machineactions?$filter=requestor%20eq%20'soar@contoso.example'%20and%20type%20eq%20'Isolate'",
                reads: eachRow(actionRead),
            },
            { request: "GET /api/machines/{other}/machineactions", reads: eachRow(actionRead) },
        ],
        isolate: [
            {
                ...submit("isolate", { Comment: "by an example", IsolationType: "Full" }),
                request: "POST /api/v1.0/machines/{machine}/isolate",
            },
        ],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
    },
};

/** microsoft-defender-mcp-server: its tools for Defender for Endpoint, with their defaults. */
export const mcpServer: ClientKind = {
    name: "MCP server",
    recordings: {
        ...usualRequests("by an assistant"),
        "sign in": [signIn("v2", { ...secretOf, scope })],
        "list machines": [{ request: "GET /api/machines?%24top=50", reads: eachRow(machineRead) }],
        "find a machine": [
            {
                request: "GET /api/machines/findByTag?tag=finance&useStartsWithFilter=false",
                says: { "value[].id": "{machine}" },
            },
            findByIp,
        ],
        "list actions": [
            {
                request: "GET /api/machineactions?%24filter=status+eq+%27Pending%27&%24top=50",
                reads: eachRow(actionRead),
            },
        ],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
    },
};

const byRust = usualRequests("by mde-lr");

/** mde-lr, a client in Rust for live response and the other actions. */
export const rust: ClientKind = {
    name: "Rust client",
    recordings: {
        "sign in": [signIn("v2", { ...secretOf, scope })],
        "find a machine": [{ request: "GET /api/machines/{machine}", reads: machineRead }],
        isolate: byRust.isolate,
        unisolate: byRust.unisolate,
        scan: byRust.scan,
        "stop and quarantine": byRust["stop and quarantine"],
        "collect a package": byRust["collect a package"],
        "live response": [
            submit(
                "runliveresponse",
                {
                    Comment: "by mde-lr",
                    Commands: [
                        { type: "GetFile", params: [{ key: "Path", value: "C:\\temp\\log.zip" }] },
                        ...runScript,
                    ],
                },
                { reads: ["id", "status"] },
            ),
            untilSucceeded(1_200),
            // A file, then what a script printed.
            {
                request: "GET /api/machineactions/{action}/GetLiveResponseResultDownloadLink(index=0)",
                reads: ["value"],
            },
            { request: "GET {link}" },
            {
                request: "GET /api/machineactions/{action}/GetLiveResponseResultDownloadLink(index=1)",
                reads: ["value"],
            },
            { request: "GET {link}", reads: ["script_name", "exit_code", "script_output", "script_errors"] },
        ],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
        "poll to the end": byRust["poll to the end"],
    },
};

/** mde-client of PyPI, whose Arrow schema requires each property of a row to have its type. */
export const mdeClient: ClientKind = {
    name: "mde-client",
    recordings: {
        ...usualRequests("by mde-client"),
        "sign in": [signIn("v2", { ...secretOf, scope })],
        "list machines": [
            {
                request:
                    "GET /api/machines?pageSize=10000&%24filter=healthStatus+in+%28%27Active%27%2C+%27Inactive%27%29",
                reads: eachRow([...machineRead, "firstSeen", "isAadJoined", "ipAddresses?"]),
            },
        ],
        "find a machine": [findByIp],
        "list actions": [
            {
                request:
                    "GET /api/machineactions?pageSize=10000" +
                    "&%24filter=status+in+%28%27Pending%27%2C+%27InProgress%27%29+and+type+eq+%27Isolate%27",
                reads: eachRow([...actionRead, "errorHResult", "requestSource"]),
            },
        ],
        isolate: [
            submit(
                "isolate",
                { Comment: "by mde-client", IsolationType: "Full", ExternalId: "INC-4711", RequestSource: "PublicApi" },
                { says: { externalId: "INC-4711", requestSource: "PublicApi" } },
            ),
        ],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
    },
};
