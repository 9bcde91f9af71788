import { z } from "zod";
import { isObject } from "../../provider/schema/input-rules.ts";

/** A step that the engine began, but whose result is not stored because the engine was killed. */
export interface PendingOperation {
    readonly urn: string;
    readonly resourceType: string;
    /** As the engine names it, such as "creating". */
    readonly type: string;
}

const operation = z
    .object({ type: z.string().catch("unknown"), resource: z.object({ type: z.string(), urn: z.string().catch("") }) })
    .transform(({ type, resource }): PendingOperation => ({ type, resourceType: resource.type, urn: resource.urn }));
const holder = z.object({ pending_operations: z.array(z.unknown()).nullish().catch([]) });

/** The pending operations in the text of a stack export; none in any other text. */
export function pendingOperationsOf(json: string): PendingOperation[] {
    const value = parsed(json);
    const deployment = isObject(value) && isObject(value.deployment) ? value.deployment : value;
    const held = holder.safeParse(deployment);
    return (held.data?.pending_operations ?? []).flatMap((one) => operation.safeParse(one).data ?? []);
}

function parsed(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch {
        return undefined;
    }
}
