import { ApiError } from "./errors.ts";

/** Either one reads machine actions. */
export const readRoles: readonly string[] = ["Machine.Read.All", "Machine.ReadWrite.All"];

/** Any one cancels machine actions, of whatever type. */
export const cancelRoles: readonly string[] = [
    "Machine.CollectForensics",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.Scan",
    "Machine.Offboard",
    "Machine.StopAndQuarantine",
    "Machine.LiveResponse",
];

/** Throws 403 unless one of the accepted roles is held, or none is asked for, or `held` is undefined. */
export function requireRole(held: readonly string[] | undefined, accepted: readonly string[]): void {
    if (held !== undefined && accepted.length > 0 && !accepted.some((role) => held.includes(role))) {
        const names = accepted.join(", ");
        throw new ApiError(
            403,
            "Forbidden",
            `The application does not have any of the required application permissions (${names}) to access the resource.`,
        );
    }
}
