import { z } from "zod";
import { plainType } from "../actions/machine-action.ts";
import { suggestion } from "../forms/nearest.ts";

const finalStatuses = ["Succeeded", "Failed", "TimeOut", "Cancelled"] as const;

/** The status of an action in a file. */
export const statusField: z.ZodType<string> = z.enum(["Pending", "InProgress", ...finalStatuses]);

/** The final status of an action in a file. */
export const finalStatusField: z.ZodType<string> = z.enum(finalStatuses);

/** Types of machine actions that the API and the portal submit. The API may show others too. */
const types: readonly string[] = [
    "Isolate",
    "Unisolate",
    "RunAntiVirusScan",
    "RestrictCodeExecution",
    "UnrestrictCodeExecution",
    "StopAndQuarantineFile",
    "CollectInvestigationPackage",
    "LiveResponse",
    "RequestSample",
    "Onboard",
    "Offboard",
    "Contain",
    "Uncontain",
];
const plainTypes: ReadonlySet<string> = new Set(types.map(plainType));

/** The type of an action in a file: any, unless it is a misspelling of a known one. */
export const typeField: z.ZodType<string> = z.string().superRefine((type, context) => {
    const near = plainTypes.has(plainType(type)) ? "" : suggestion(type, types);
    if (near !== "") {
        context.addIssue(`expected the name of a type${near}`);
    }
});
