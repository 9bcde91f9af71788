import * as pulumi from "@pulumi/pulumi";
import type { Severity } from "../../plan/preview-line.ts";
import { printable } from "../../text/print.ts";

/**
 * Logs a line on a registered resource. It does not wait, because the SDK sends lines one after another, and each line
 * waits for its resource. `isStatus`: whether a row shows the line only while the preview runs.
 */
export function logLine(severity: Severity, line: string, resource: pulumi.Resource, isStatus = false): void {
    void pulumi.log[severity](printable(line), resource, undefined, isStatus);
    if (severity === "error" && isProgramProcess(process.argv[1])) {
        process.exitCode = hasSaidWhy;
    }
}

/**
 * When a program ends with this code, the run fails and the language host adds no message of its own
 * (`nodeJSProcessExitedAfterLoggingUserActionableMessage` in the SDK's cmd/run). Without the code, an error line fails
 * only inline programs of the Automation API: `pulumi preview` prints it and ends with 0, and `pulumi up` continues
 * (measured with CLI 3.259.0 and SDK 3.270.0).
 */
const hasSaidWhy = 32;

/** Whether this process is the one that the SDK starts for one run of a program. */
function isProgramProcess(script: string | undefined): boolean {
    return /\/cmd\/run(?:\/index(?:\.js)?)?$/.test((script ?? "").replaceAll("\\", "/"));
}
