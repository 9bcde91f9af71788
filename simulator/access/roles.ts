import { ApiError } from "../http/errors.ts";

/** Each of these roles is enough to read machine actions. */
export const readRoles: readonly string[] = ["Machine.Read.All", "Machine.ReadWrite.All"];

/** Each of these roles is enough to cancel machine actions of every type. */
export const cancelRoles: readonly string[] = [
    "Machine.CollectForensics",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.Scan",
    "Machine.Offboard",
    "Machine.StopAndQuarantine",
    "Machine.LiveResponse",
];

/** Throws 403 unless the caller holds one of the accepted roles, no role is required, or `held` is undefined. */
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
