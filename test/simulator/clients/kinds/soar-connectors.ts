import type { ClientKind } from "../client-kind.ts";
import {
    actionRead,
    eachRow,
    form,
    machineRead,
    runScript,
    secretOf,
    signIn,
    submit,
    untilSucceeded,
    usualRequests,
} from "../usual-requests.ts";

const windowsAtp = "https://securitycenter.onmicrosoft.com/windowsatpservice/.default";
const json = { "content-type": "application/json" };

const byKibana = usualRequests("by Kibana");
const absent = { status: 404, says: { "error.code": "ResourceNotFound" } };
const absentMachine = "POST /api/machines/elastic-connector-test";

/** The connector of Kibana, which sends its queries by axios: a blank is a plus sign. */
export const elastic: ClientKind = {
    name: "Elastic",
    recordings: {
        "sign in": [signIn("v2", { ...secretOf, scope: windowsAtp })],
        // Of calls on a machine that is not there, only the code ResourceNotFound counts as a success.
        "test the connection": [
            { request: "GET /api/machines/elastic-connector-test", ...absent },
            { request: `${absentMachine}/isolate`, body: { Comment: "test", IsolationType: "Full" }, ...absent },
            { request: `${absentMachine}/unisolate`, body: { Comment: "test" }, ...absent },
            { request: "GET /api/machineactions?$count=true&$top=1", reads: ["@odata.count", "value[].id"] },
            { request: `${absentMachine}/runliveresponse`, body: { Comment: "test", Commands: runScript }, ...absent },
        ],
        "list machines": [
            { request: "GET /api/machines?$count=true&$top=20", reads: ["@odata.count", ...eachRow(machineRead)] },
        ],
        "find a machine": [{ request: "GET /api/machines/{machine}", reads: machineRead }],
        "list actions": [
            {
                request:
                    "GET /api/machineactions?$count=true&$top=1000&$orderby=creationDateTimeUtc+desc" +
                    "&$filter=id+in+('{action}','11111111-1111-4111-8111-111111111111')+AND+type+eq+'Isolate'",
                reads: eachRow(actionRead),
                says: { "@odata.count": 1, "value[].id": "{action}" },
            },
        ],
        isolate: [
            ...byKibana.isolate,
            // Kibana shows this message to the analyst.
            submit(
                "isolate",
                { Comment: "again", IsolationType: "Full" },
                {
                    status: 400,
                    reads: ["error.target"],
                    says: {
                        "error.code": "ActiveRequestAlreadyExists",
                        "error.message": "Action is already in progress",
                    },
                },
            ),
        ],
        unisolate: byKibana.unisolate,
        "live response": byKibana["live response"],
        "library files": [{ request: "GET /api/libraryfiles", reads: ["value"] }],
        cancel: byKibana.cancel,
        "poll to the end": [
            ...byKibana.isolate,
            {
                request: "GET /api/machineactions?$count=true&$top=1000&$filter=id+in+('{action}')",
                after: 600,
                says: { "value[].status": "Succeeded" },
            },
        ],
    },
};

const byXsoar = usualRequests("by XSOAR");

/** The integration of Cortex XSOAR, with all that its commands send by Python's requests. */
export const xsoar: ClientKind = {
    name: "Cortex XSOAR",
    recordings: {
        ...byXsoar,
        "sign in": [signIn("v2", { ...secretOf, scope: windowsAtp })],
        "test the connection": [{ request: "GET /api/alerts?%24top=1", reads: ["value"] }],
        "list machines": [
            {
                request: "GET /api/machines?%24filter=healthStatus+eq+%27Active%27&%24top=50",
                reads: eachRow([...machineRead, "lastIpAddress", "osBuild", "machineTags", "exposureLevel"]),
            },
        ],
        "find a machine": [
            {
                request: "GET /api/machines?%24filter=computerDnsName+eq+%27{name}%27+or+lastIpAddress+eq+%27{ip}%27",
                says: { "value[].id": "{machine}", "value[].lastIpAddress": "{ip}" },
            },
        ],
        "list actions": [
            {
                request:
                    "GET /api/machineactions?%24filter=status+eq+%27Pending%27+and+machineId+eq+%27{other}%27&%24top=50",
                reads: eachRow([...actionRead, "scope"]),
            },
        ],
        isolate: [
            submit("isolate", { Comment: "by XSOAR", IsolationType: "Selective" }, { says: { scope: "Selective" } }),
        ],
        "stop and quarantine": [
            submit(
                "stopAndQuarantineFile",
                { Comment: "by XSOAR", Sha1: "3395856ce81f2b7382dee72602f798b642f14140" },
                { says: { "relatedFileInfo.fileIdentifierType": "Sha1" } },
            ),
        ],
    },
};

const { offboard: _offboard, "start an investigation": _investigation, ...bySplunk } = usualRequests("by Splunk", json);

/** The app of Splunk SOAR: the v1 endpoint, and the older name of the API. */
export const splunk: ClientKind = {
    name: "Splunk SOAR",
    recordings: {
        ...bySplunk,
        "sign in": [signIn("v1", { ...secretOf, resource: "https://api.securitycenter.windows.com" })],
        "test the connection": [{ request: "GET /api/alerts?$top=1", headers: json, reads: ["value"] }],
        "list machines": [{ request: "GET /api/machines?$top=100", headers: json, reads: eachRow(machineRead) }],
        "find a machine": [{ request: "GET /api/machines/{machine}", headers: json, reads: machineRead }],
    },
};

const bySekoia = usualRequests("by Sekoia");

/** Sekoia's automation library, which requests its token by GET, with the form in the body. */
export const sekoia: ClientKind = {
    name: "Sekoia",
    recordings: {
        "sign in": [
            {
                request: "GET /{tenant}/oauth2/token",
                headers: form,
                body:
                    "resource=https%3A%2F%2Fapi.securitycenter.microsoft.com&client_id={client}" +
                    "&client_secret={secret}&grant_type=client_credentials",
                reads: ["access_token", "token_type", "expires_in"],
            },
        ],
        isolate: bySekoia.isolate,
        unisolate: bySekoia.unisolate,
        "restrict apps": bySekoia["restrict apps"],
        "unrestrict apps": bySekoia["unrestrict apps"],
        scan: bySekoia.scan,
        "stop and quarantine": bySekoia["stop and quarantine"],
        cancel: bySekoia.cancel,
        "poll to the end": [...bySekoia.scan, untilSucceeded(3_600)],
    },
};
