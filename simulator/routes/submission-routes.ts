import type { ActionSeed } from "../actions/action-seed.ts";
import { isFinal } from "../actions/machine-action.ts";
import { ApiError } from "../http/errors.ts";
import { isolateBody, liveResponseBody, parseBody, scanBody, unisolateBody } from "../http/request-body.ts";
import {
    type Answer,
    actionsContext,
    at,
    type Call,
    machinesPath,
    notFound,
    one,
    type Route,
    type Tenant,
} from "./route.ts";

/** Submits a new action on a machine of the fleet, unless an action of the same type is still open on that machine. */
function submit({ fleet }: Tenant, machineId: string, seed: ActionSeed & { type: string }): Answer {
    const there = fleet.rows().filter((row) => row.machineId === machineId);
    const [latest] = there;
    if (latest === undefined) {
        throw notFound(`Machine ${machineId}`);
    }
    const open = there.find((row) => row.type === seed.type && !isFinal(row.status));
    if (open !== undefined) {
        const message = `Action ${seed.type} is already in progress on machine ${machineId}: ${open.id}.`;
        throw new ApiError(400, "ActiveRequestAlreadyExists", message);
    }
    return one(201, fleet.seed({ ...seed, machineId, computerDnsName: latest.computerDnsName }), actionsContext);
}

function isolate(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, IsolationType } = parseBody(isolateBody, contentType, body);
    const seed = { type: "Isolate", requestor, requestorComment: Comment, scope: IsolationType };
    return submit(tenant, id, seed);
}

function unisolate(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment } = parseBody(unisolateBody, contentType, body);
    return submit(tenant, id, { type: "Unisolate", requestor, requestorComment: Comment });
}

function scan(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, ScanType } = parseBody(scanBody, contentType, body);
    const seed = { type: "RunAntiVirusScan", requestor, requestorComment: Comment, scope: ScanType };
    return submit(tenant, id, seed);
}

function runLiveResponse(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, Commands: commands } = parseBody(liveResponseBody, contentType, body);
    // The answer has no commands yet, because the API shows them only a few seconds later.
    const seed = { type: "LiveResponse", requestor, requestorComment: Comment, liveResponse: { commands } };
    return submit(tenant, id, seed);
}

const machine = `${machinesPath}/([^/]+)`;

/** Submits machine actions. */
export const submissionRoutes: readonly Route[] = [
    at("POST", `${machine}/isolate`, "create", ["Machine.Isolate"], isolate),
    at("POST", `${machine}/unisolate`, "create", ["Machine.Isolate"], unisolate),
    at("POST", `${machine}/runAntiVirusScan`, "create", ["Machine.Scan"], scan),
    at("POST", `${machine}/runliveresponse`, "create", ["Machine.LiveResponse"], runLiveResponse),
];
