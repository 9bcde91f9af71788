import type { ClientKind } from "../client-kind.ts";
import {
    actionRead,
    eachRow,
    findByIp,
    form,
    machineRead,
    secretOf,
    signIn,
    submit,
    untilSucceeded,
    usualRequests,
} from "../usual-requests.ts";

const resource = "https://api.securitycenter.microsoft.com";

const { "start an investigation": _byPsmde, ...byPsmde } = usualRequests("by PSMDE", form);

/** PSMDE, whose POST requests have PowerShell's default content type although their body is JSON. */
export const psmde: ClientKind = {
    name: "PSMDE",
    recordings: {
        ...byPsmde,
        "sign in": [signIn("v1", { resource, ...secretOf })],
        "list machines": [{ request: "GET /api/machines", reads: eachRow(machineRead) }],
        "find a machine": [
            findByIp,
            {
                request: "GET /api/machines/findbytag?tag=finance&useStartsWithFilter=false",
                says: { "value[].id": "{machine}" },
            },
        ],
        "list actions": [
            { request: "GET /api/machineactions?$filter=status+eq+'Pending'", reads: eachRow(actionRead) },
        ],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
    },
};

const { "start an investigation": _byAutomator, ...byAutomator } = usualRequests("MDEAutomator");

/** MDEAutomator, which cancels all Pending actions of the tenant, and isolates without a type. */
export const mdeAutomator: ClientKind = {
    name: "MDEAutomator",
    recordings: {
        ...byAutomator,
        "sign in": [signIn("v1", { resource, ...secretOf })],
        "list machines": [
            {
                request:
                    "GET /api/machines?$filter=onboardingStatus%20eq%20'Onboarded'%20and%20healthStatus%20eq%20'Active'",
                reads: eachRow([
                    ...machineRead,
                    "firstSeen",
                    "osVersion?",
                    "osProcessor",
                    "version",
                    "lastIpAddress",
                    "agentVersion",
                    "osBuild",
                    "deviceValue",
                    "rbacGroupId",
                    "rbacGroupName",
                    "exposureLevel",
                    "machineTags",
                    "onboardingStatus",
                    "aadDeviceId?",
                    "vmMetadata?",
                    "ipAddresses?",
                ]),
            },
        ],
        "list actions": [
            {
                request:
                    "GET /api/machineactions?$filter=CreationDateTimeUtc%20ge%202026-02-03T10:00:00Z" +
                    "&$orderby=CreationDateTimeUtc%20desc",
                reads: eachRow([...actionRead, "title?", "cancellationRequestor?", "commands", "troubleshootInfo?"]),
            },
        ],
        isolate: [submit("isolate", { Comment: "MDEAutomator" }, { says: { scope: "Full" } })],
        scan: [submit("runAntiVirusScan", { Comment: "MDEAutomator", ScanType: "Full" })],
        "library files": [
            {
                request: "POST /api/libraryfiles",
                headers: { "content-type": "multipart/form-data; boundary=frontier" },
                body: [
                    "--frontier",
                    'Content-Disposition: form-data; name="file"; filename="collect.ps1"',
                    "Content-Type: application/octet-stream",
                    "",
                    "Get-Process",
                    "--frontier",
                    'Content-Disposition: form-data; name="OverrideIfExists"',
                    "",
                    "true",
                    "--frontier--",
                    "",
                ].join("\r\n"),
            },
            { request: "GET /api/libraryfiles", reads: ["value[].fileName"] },
        ],
        cancel: [
            {
                request: "POST /api/machineactions/{action}/cancel",
                headers: form,
                body: { Comment: "MDEAutomator" },
                says: { status: "Cancelled" },
            },
            // Of an action that has ended by now, the module counts exactly the status 400 as "skipped".
            {
                request: "POST /api/machineactions/{action}/cancel",
                headers: form,
                body: { Comment: "MDEAutomator" },
                status: 400,
                reads: ["error.message"],
            },
        ],
        "poll to the end": [submit("isolate", { Comment: "MDEAutomator" }), untilSucceeded(600)],
    },
};

const byDefenderApi = usualRequests("by DefenderAPI");

/** The module DefenderAPI, which names the type of an isolation `Isolation Type`. */
export const defenderApi: ClientKind = {
    name: "DefenderAPI",
    recordings: {
        ...byDefenderApi,
        "sign in": [signIn("v2", { ...secretOf, scope: `${resource}/.default` })],
        "list machines": [
            {
                request: "GET /api/machines?%24top=10&%24orderby=lastSeen+desc&%24count=True",
                reads: ["@odata.count", ...eachRow(machineRead)],
            },
        ],
        "find a machine": [{ request: "GET /api/machines/{machine}", reads: machineRead }],
        "list actions": [
            {
                request: "GET /api/machineactions?%24filter=Status+eq+%27Pending%27&%24select=id%2Cstatus&%24skip=0",
                reads: ["value[].id"],
                says: { "value[].status": "Pending" },
            },
        ],
        isolate: [submit("isolate", { Comment: "by DefenderAPI", "Isolation Type": "Selective" })],
    },
};
