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

/** The application roles of Defender for Endpoint. */
export const knownRoles: readonly string[] = [
    ...readRoles,
    ...cancelRoles,
    "AdvancedQuery.Read.All",
    "Alert.Read.All",
    "Alert.ReadWrite.All",
    "Event.Write",
    "File.Read.All",
    "IntegrationConfiguration.ReadWrite",
    "Ip.Read.All",
    "Library.Manage",
    "RemediationTasks.Read.All",
    "Score.Read.All",
    "SecurityBaselinesAssessment.Read.All",
    "SecurityConfiguration.Read.All",
    "SecurityConfiguration.ReadWrite.All",
    "SecurityRecommendation.Read.All",
    "Software.Read.All",
    "Ti.Read.All",
    "Ti.ReadWrite",
    "Ti.ReadWrite.All",
    "Url.Read.All",
    "User.Read.All",
    "Vulnerability.Read.All",
];

/** The year since which the API words a refusal for a missing role so. */
export type ForbiddenWording = "2021" | "2026";

const wordings: Readonly<Record<ForbiddenWording, (accepted: readonly string[], held: readonly string[]) => string>> = {
    2021: (accepted) =>
        "The application does not have any of the required application permissions " +
        `(${accepted.join(", ")}) to access the resource.`,
    2026: (accepted, held) =>
        `Missing application roles. API required roles: ${accepted.join(",")}, application roles: ${held.join(",")}.`,
};

/** Throws 403 unless the caller holds one of the accepted roles, no role is required, or `held` is undefined. */
export function requireRole(
    held: readonly string[] | undefined,
    accepted: readonly string[],
    wording: ForbiddenWording,
): void {
    if (held !== undefined && accepted.length > 0 && !accepted.some((role) => held.includes(role))) {
        throw new ApiError(403, "Forbidden", wordings[wording](accepted, held));
    }
}
