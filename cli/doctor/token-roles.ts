import type { Identity } from "../../provider/sign-in/credentials.ts";
import type { Check } from "./check.ts";

/** What the identity is for: previews, drift, reports and audits, or cancelling. */
export type Purpose = "reader" | "canceller";

export const purposes: readonly Purpose[] = ["reader", "canceller"];

/** By the documentation, each of them cancels actions of every type; the last one runs code on every machine. */
const cancelRoles = [
    "Machine.Scan",
    "Machine.Isolate",
    "Machine.RestrictExecution",
    "Machine.StopAndQuarantine",
    "Machine.CollectForensics",
    "Machine.Offboard",
    "Machine.LiveResponse",
];

/** Of an application, and of a person's token. */
const readRoles = ["Machine.Read.All", "Machine.Read"];

const allPowerful = ["Machine.ReadWrite.All", "Machine.ReadWrite"];

/** Holds what a token may do against what its purpose needs: too little fails, and so does too much. */
export function judgeRoles({ roles }: Identity, purpose: Purpose, needsLiveResponse: boolean): Check[] {
    if (roles.length === 0) {
        const detail = "the token does not say what it may do: it is no readable JWT, or has no roles";
        return [{ name: "roles", verdict: "warn", detail }];
    }
    const held = (names: readonly string[]) => names.filter((name) => roles.includes(name));
    const [reads, cancels, powers] = [held(readRoles), held(cancelRoles), held(allPowerful)];
    const problems: string[] = [];
    const remarks: string[] = [];
    if (powers.length > 0) {
        problems.push(`${powers.join(", ")} writes to every machine: take Machine.Read.All instead`);
    } else if (reads.length === 0) {
        problems.push("Machine.Read.All is missing: nothing can be proven without it");
    }
    if (purpose === "reader" && cancels.length > 0) {
        problems.push(`a reader must not be able to cancel, and ${cancels.join(", ")} can`);
    }
    if (purpose === "canceller") {
        if (cancels.length === 0) {
            problems.push(`none of ${cancelRoles.slice(0, -1).join(", ")}: it cannot cancel`);
        }
        if (cancels.includes("Machine.LiveResponse") && !needsLiveResponse) {
            problems.push(
                "Machine.LiveResponse runs code on every machine: take another action role, or give --live-response " +
                    "where it is needed",
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
