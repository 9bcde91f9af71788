import * as pulumi from "@pulumi/pulumi";
import { printable } from "../print.ts";

/** How the engine shows a line; one `error` among them fails the preview. */
export type Severity = "info" | "warn" | "error";

/**
 * Says a line on a resource that is registered. Not awaited: the SDK sends lines one after another, and each waits for
 * its resource.
 */
export function logLine(severity: Severity, line: string, resource: pulumi.Resource): void {
    void pulumi.log[severity](printable(line), resource);
}
