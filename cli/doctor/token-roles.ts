import type { Identity } from "../../provider/sign-in/credentials.ts";
import type { Check } from "./check.ts";

/** The purpose of the identity: only reading (previews, drift, reports, audits), or cancelling. */
export type Purpose = "reader" | "canceller";

export const purposes: readonly Purpose[] = ["reader", "canceller"];

/** According to the documentation, each role cancels actions of every type. The last one runs code on every machine. */
const cancelRoles = [
    "Machine.Scan",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.StopAndQuarantine",
    "Machine.CollectForensics",
    "Machine.Offboard",
    "Machine.LiveResponse",
];

/** The read role in an application's token, and the read role in a person's token. */
const readRoles = ["Machine.Read.All", "Machine.Read"];

const allPowerful = ["Machine.ReadWrite.All", "Machine.ReadWrite"];

/** Whether the token has a role that cancels actions. */
export function canCancel({ roles }: Identity): boolean {
    return [...cancelRoles, ...allPowerful].some((role) => roles.includes(role));
}

/**
 * Compares the roles of a token with those that its purpose needs. Missing roles fail the check, and so do powerful
 * roles that the purpose does not need.
 */
export function judgeRoles({ roles }: Identity, purpose: Purpose, needsLiveResponse: boolean): Check[] {
    if (roles.length === 0) {
        const detail = "the roles of the token are unknown: it is not a readable JWT, or it has no roles";
        return [{ name: "roles", verdict: "warn", detail }];
    }
    const held = (names: readonly string[]) => names.filter((name) => roles.includes(name));
    const [reads, cancels, powers] = [held(readRoles), held(cancelRoles), held(allPowerful)];
    const problems: string[] = [];
    const remarks: string[] = [];
    if (powers.length > 0) {
        problems.push(`${powers.join(", ")} writes to every machine: use Machine.Read.All instead`);
    } else if (reads.length === 0) {
        problems.push("Machine.Read.All is missing: nothing can be proven without it");
    }
    if (purpose === "reader" && cancels.length > 0) {
        problems.push(`a reader must not be able to cancel, but ${cancels.join(", ")} allows it`);
    }
    if (purpose === "canceller") {
        if (cancels.length === 0) {
            problems.push(`the token cannot cancel: it has none of ${cancelRoles.slice(0, -1).join(", ")}`);
        }
        if (cancels.includes("Machine.LiveResponse") && !needsLiveResponse) {
            problems.push(
                "Machine.LiveResponse runs code on every machine: use another action role, or pass --live-response " +
                    "if it is needed",
            );
        }
        if (cancels.length > 1) {
            remarks.push(`one of ${cancels.join(", ")} is enough`);
        }
    }
    const others = roles.filter((role) => ![...readRoles, ...cancelRoles, ...allPowerful].includes(role));
    if (others.length > 0) {
        remarks.push(`not needed here: ${others.join(", ")}`);
    }
    const verdict = problems.length > 0 ? "fail" : remarks.length > 0 ? "warn" : "ok";
    const detail = [...problems, ...remarks].join("; ") || `${roles.join(", ")}, as a ${purpose} needs`;
    return [{ name: "roles", verdict, detail }];
}
