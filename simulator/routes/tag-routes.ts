import { z } from "zod";
import { parseBody } from "../http/request-body.ts";
import { machineType } from "../odata/entity-types.ts";
import { type Answer, at, type Call, entityOf, machineOf, machinesPath, type Route, type Tenant } from "./route.ts";

const tagBody: z.ZodType<{ Value: string; Action: "Add" | "Remove" }> = z.object({
    Value: z.string().regex(/\S/),
    Action: z.enum(["Add", "Remove"]),
});

function changeTags(tenant: Tenant, call: Call): Answer {
    const { Value, Action } = parseBody(tagBody, call.contentType, call.body);
    const { id, machineTags: before } = machineOf(tenant, call);
    const others = (before ?? []).filter((tag) => tag !== Value);
    const machineTags = Action === "Add" ? [...others, Value] : others;
    return entityOf(tenant.machines.change({ id, machineTags }), machineType, call);
}

/** Adds and removes tags of machines. */
export const tagRoutes: readonly Route[] = [
    at("POST", `${machinesPath}/([^/]+)/tags`, "other", ["Machine.ReadWrite.All"], changeTags),
];
