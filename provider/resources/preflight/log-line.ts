import * as pulumi from "@pulumi/pulumi";
import { printable } from "../../text/print.ts";

/** How the engine shows a line; one `error` among them fails the preview. */
export type Severity = "info" | "warn" | "error";

/**
 * Says a line on a resource that is registered. Not awaited: the SDK sends lines one after another, and each waits for
 * its resource.
 */
export function logLine(severity: Severity, line: string, resource: pulumi.Resource): void {
    void pulumi.log[severity](printable(line), resource);
    if (severity === "error" && isProgramProcess(process.argv[1])) {
        process.exitCode = hasSaidWhy;
    }
}

/**
 * A program that ends with this code has failed, and the language host adds no words of its own
 * (`nodeJSProcessExitedAfterLoggingUserActionableMessage` in the SDK's cmd/run). An error line alone fails only inline
 * programs of the Automation API: `pulumi preview` prints it and ends with 0, and `pulumi up` goes on (measured with CLI
 * 3.259.0 and SDK 3.270.0).
 */
const hasSaidWhy = 32;

/** Whether this process is the SDK's, for one run of a program. */
function isProgramProcess(script: string | undefined): boolean {
    return /\/cmd\/run(?:\/index(?:\.js)?)?$/.test((script ?? "").replaceAll("\\", "/"));
}
