import type { z } from "zod";

/** Properties that say the same, of which an entry may give one. */
const exclusive = [
    ["ageMinutes", "creationDateTimeUtc"],
    ["lastSeenMinutesAgo", "lastSeen"],
    ["backAfterMinutes", "backAt"],
] as const;

/** Properties that change another one, without which they mean nothing. */
const dependent = [
    ["backEveryMinutes", "backAfterMinutes"],
    ["offlineEveryMinutes", "offlineAfterMinutes"],
] as const;

/** Refuses an entry whose properties exclude each other, or of which one has no effect. */
export function refuseContradictions(entry: object & { id?: string; count?: number }, context: z.RefinementCtx): void {
    const refuse = (name: string, message: string): void => context.addIssue({ code: "custom", message, path: [name] });
    const { id, count = 1 } = entry;
    if (id !== undefined && count > 1) {
        refuse("id", "id and count exclude each other");
    }
    for (const [one, other] of exclusive) {
        if (one in entry && other in entry) {
            refuse(one, `${one} and ${other} exclude each other`);
        }
    }
    for (const [name, needed] of dependent) {
        if (name in entry && !(needed in entry)) {
            refuse(name, `${name} needs ${needed}`);
        }
    }
}
