import type { LogOnResource } from "../lifecycles/drift-lines.ts";
import { printable, printWarning } from "../text/print.ts";
import { sanitize } from "../text/sanitize.ts";
import { sendToEngine } from "./engine-message.ts";

/**
 * Logs warnings of a refresh on the resource that they concern. What a dynamic provider prints appears on the stack,
 * beside the lines of all other resources. `address`: that of the engine; without it, the lines are printed.
 *
 * The SDK passes no URN to a dynamic provider, so the URN is put together from the declaration's name. For a resource
 * inside a component it lacks the types of its parents, and the engine then shows the lines on a row of their own.
 */
export function logOnResourceOf(type: string, address: string | undefined): LogOnResource {
    return async (declaredBy, lines) => {
        const urn = urnOf(type, declaredBy);
        const text = lines.map(printable).join("\n");
        const isSent =
            address !== undefined &&
            urn !== undefined &&
            (await sendToEngine(address, { severity: "WARNING", text, urn }));
        if (!isSent) {
            for (const line of lines) {
                printWarning(line);
            }
        }
    };
}

/**
 * The URN of a resource whose parent is the stack. `declaredBy` comes from state, so it may be anything, and the engine
 * shows the name of the URN as it is.
 */
export function urnOf(type: string, declaredBy: unknown): string | undefined {
    const isClean = typeof declaredBy === "string" && sanitize(declaredBy) === declaredBy;
    const [, project, stack, name] = isClean ? (/^([\w.-]+)\/([\w.-]+)\/([^:]+)$/.exec(declaredBy) ?? []) : [];
    return name === undefined ? undefined : `urn:pulumi:${stack}::${project}::${type}::${name}`;
}
