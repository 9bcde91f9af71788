import type { z } from "zod";
import type { ActionSeed } from "../actions/action-seed.ts";
import { ApiError } from "../http/errors.ts";
import {
    isolateBody,
    liveResponseBody,
    parseBody,
    quarantineBody,
    type Submitted,
    scanBody,
    submissionBody,
    unisolateBody,
} from "../http/request-body.ts";
import {
    type Answer,
    actionsContext,
    at,
    type Call,
    machineOf,
    machinesPath,
    one,
    type Route,
    type Tenant,
} from "./route.ts";

const machinePath = `${machinesPath}/([^/]+)`;

/** Submits a new action on a machine, unless an action of the same type is still open on that machine. */
function submit(tenant: Tenant, call: Call, seed: ActionSeed & { type: string }): Answer {
    const { id, computerDnsName } = machineOf(tenant, call);
    if (tenant.fleet.isOpen(id, seed.type)) {
        throw new ApiError(400, "ActiveRequestAlreadyExists", "Action is already in progress");
    }
    const conduct = tenant.machines.conductOf(id);
    const row = tenant.fleet.seed({ ...conduct, ...seed, machineId: id, computerDnsName, requestor: call.requestor });
    return one(201, row, actionsContext);
}

/** The path, the type and the role of an action, the body of its submission, and what of the body its row shows. */
function submission<Body extends Submitted>(
    path: string,
    type: string,
    role: string,
    schema: z.ZodType<Body>,
    detailsOf: (body: Body) => ActionSeed = () => ({}),
): Route {
    return at("POST", `${machinePath}/${path}`, "create", [role], (tenant, call) => {
        const body = parseBody(schema, call.contentType, call.body);
        const { Comment: requestorComment, ExternalId: externalId = null, Title: title = null } = body;
        return submit(tenant, call, { type, requestorComment, externalId, title, ...detailsOf(body) });
    });
}

/** How long a new offboarding or live response shows no machine, in milliseconds. */
const machineShownAfterMs = 3_000;

/** Submits machine actions. */
export const submissionRoutes: readonly Route[] = [
    submission("isolate", "Isolate", "Machine.Isolate", isolateBody, ({ IsolationType: scope }) => ({ scope })),
    submission("unisolate", "Unisolate", "Machine.Isolate", unisolateBody, ({ IsolationType: scope = null }) => ({
        scope,
    })),
    submission("runAntiVirusScan", "RunAntiVirusScan", "Machine.Scan", scanBody, ({ ScanType: scope }) => ({ scope })),
    submission("restrictCodeExecution", "RestrictCodeExecution", "Machine.RestrictExecution", submissionBody),
    submission("unrestrictCodeExecution", "UnrestrictCodeExecution", "Machine.RestrictExecution", submissionBody),
    submission(
        "StopAndQuarantineFile",
        "StopAndQuarantineFile",
        "Machine.StopAndQuarantine",
        quarantineBody,
        ({ Sha1: fileIdentifier }) => ({ relatedFileInfo: { fileIdentifier, fileIdentifierType: "Sha1" } }),
    ),
    submission(
        "collectInvestigationPackage",
        "CollectInvestigationPackage",
        "Machine.CollectForensics",
        submissionBody,
    ),
    submission("offboard", "Offboard", "Machine.Offboard", submissionBody, () => ({ machineShownAfterMs })),
    submission(
        "runliveresponse",
        "LiveResponse",
        "Machine.LiveResponse",
        liveResponseBody,
        // The answer has no commands yet, because the API shows them only a few seconds later.
        ({ Commands: commands }) => ({ machineShownAfterMs, liveResponse: { commands } }),
    ),
];
