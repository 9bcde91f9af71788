import type { ClientKind } from "../client-kind.ts";
import {
    actionRead,
    eachRow,
    machineRead,
    secretOf,
    signIn,
    submit,
    untilSucceeded,
    usualRequests,
} from "../usual-requests.ts";

const json = { "content-type": "application/json" };
const platform = "The platform signs in on Microsoft's own servers, and hands the connector a token.";

/** Microsoft's connector for Power Automate and Logic Apps. */
export const powerAutomate: ClientKind = {
    name: "Power Automate",
    recordings: {
        ...usualRequests("by Power Automate"),
        "list machines": [
            // An option without a dollar sign does not belong to OData, and is ignored.
            {
                request: "GET /api/machines?api-version=1.0&$filter=riskScore%20eq%20'None'&$top=5",
                reads: eachRow([...machineRead, "machineTags", "deviceValue"]),
            },
        ],
        "find a machine": [{ request: "GET /api/machines/{machine}", reads: machineRead }],
        "list actions": [
            {
                request: "GET /api/machineactions?$filter=type%20eq%20'Isolate'&$top=5&$skip=0",
                reads: eachRow(actionRead),
            },
        ],
        isolate: [
            submit(
                "isolate",
                { Comment: "by Power Automate", IsolationType: "UnManagedDevice" },
                { says: { scope: "UnManagedDevice" } },
            ),
        ],
        "start an investigation": [
            submit("startInvestigation", { Comment: "by Power Automate" }, { status: 201, reads: ["id"] }),
        ],
    },
    reasons: { "sign in": platform },
};

/** The HTTP action in playbooks of Logic Apps and Microsoft Sentinel, with an OAuth client of its own. */
export const logicApps: ClientKind = {
    name: "Logic Apps",
    recordings: {
        "sign in": [signIn("v1", { resource: "https://api.securitycenter.windows.com", ...secretOf })],
        "find a machine": [
            {
                request: "GET /api/machines?$filter=startswith(computerDnsName,'ws-')",
                says: { "value[].computerDnsName": "{name}" },
            },
            { request: "GET /api/machines/{name}", says: { id: "{machine}" } },
        ],
        "list actions": [
            {
                request: "GET /api/machineactions?$filter=lastUpdateDateTimeUtc%20gt%202026-05-01T00:00:00.0000000Z",
                reads: eachRow(actionRead),
            },
        ],
        isolate: [
            submit(
                "isolate",
                { Comment: "by a playbook", IsolationType: "Full", ExternalId: "INC-4711", Title: "Isolation" },
                { says: { externalId: "INC-4711", title: "Isolation" } },
            ),
        ],
        scan: usualRequests("by a playbook").scan,
        cancel: usualRequests("by a playbook").cancel,
        "poll to the end": usualRequests("by a playbook")["poll to the end"],
    },
};

/** Terraform with a provider for REST: the Go library tries Basic client authentication first. */
export const terraform: ClientKind = {
    name: "Terraform REST",
    recordings: {
        "sign in": [
            {
                ...signIn("v2", { scope: "https://api.securitycenter.microsoft.com/.default" }),
                headers: {
                    "content-type": "application/x-www-form-urlencoded",
                    authorization: "Basic {basic}",
                },
            },
        ],
        "test the connection": [{ request: "GET /api/machineactions?$top=1", headers: json, reads: ["value[].id"] }],
        isolate: [
            submit("isolate", { Comment: "by Terraform", IsolationType: "Full" }, { reads: ["id"] }),
            // It compares each field of this answer with the state at every plan.
            { request: "GET /api/machineactions/{action}", headers: json, reads: [...actionRead, "scope"] },
        ],
        unisolate: usualRequests("by Terraform").unisolate,
        cancel: usualRequests("by Terraform").cancel,
    },
};

const byVmray = usualRequests("by the VMRay connector", json);

/** The connector of VMRay, which reads the alerts first, and repeats a cancel request until the action has ended. */
export const vmray: ClientKind = {
    name: "VMRay",
    recordings: {
        "sign in": [signIn("v1", { resource: "https://api.securitycenter.microsoft.com", ...secretOf })],
        "test the connection": [
            {
                request:
                    "GET /api/alerts?$filter=lastEventTime+ge+2026-05-04T09:00:00Z%20and%20status%20in%20('New')" +
                    "%20and%20severity%20in%20('High','Medium')&$expand=evidence&$top=100",
                headers: json,
                reads: ["value"],
            },
        ],
        "list actions": [
            {
                request: "GET /api/machineactions?$filter=machineId+eq+'{other}'",
                headers: json,
                reads: eachRow(["type", "status"]),
            },
        ],
        "live response": byVmray["live response"],
        "library files": [
            {
                request: "POST /api/libraryfiles",
                headers: { "content-type": "multipart/form-data; boundary=frontier" },
                body: [
                    "--frontier",
                    'Content-Disposition: form-data; name="HasParameters"',
                    "",
                    "false",
                    "--frontier",
                    'Content-Disposition: form-data; name="OverrideIfExists"',
                    "",
                    "true",
                    "--frontier",
                    'Content-Disposition: form-data; name="file"; filename="submit.ps1"',
                    "Content-Type: text/plain",
                    "",
                    "Get-Process",
                    "--frontier--",
                    "",
                ].join("\r\n"),
            },
        ],
        cancel: byVmray.cancel,
        "poll to the end": [...byVmray["live response"].slice(0, 1), untilSucceeded(1_200, { headers: json })],
    },
};
