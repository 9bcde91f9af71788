import { randomUUID } from "node:crypto";
import type { ActionSeed } from "../../simulator/index.ts";

/** How long an action that its machine has fetched takes to end after its cancel request, in milliseconds. */
const settleMs = 10_000;

/** The actions of an incident: of ten, nine are Pending and cancelled at once, one is InProgress and takes 10 s. */
export function fleetOf(size: number): (ActionSeed & { readonly id: string })[] {
    return Array.from({ length: size }, (_, index) => ({
        id: randomUUID(),
        ...(index % 10 === 9 ? { behaviour: "in-progress-then-cancelled", settleMs } : {}),
    }));
}
