import type { MachineAction } from "../../provider/machine-action.ts";
import { type Cover, deviation, isOneOf } from "./cover.ts";

/** A cancellation that no declaration accounts for. */
export interface Uncovered {
    readonly action: MachineAction;
    /** RFC 3339; when it was cancelled, as far as the API tells. */
    readonly cancelledAt: string | undefined;
    readonly reasons: readonly string[];
    /** How bad it looks: more is worse. */
    readonly weight: number;
}

/** Actions that hold an attacker back: to cancel one is what an attacker wants. */
const containment = new Set(["isolate", "restrictcodeexecution", "stopandquarantinefile"]);

/** Who cancels for the declarations, lower case. */
export interface Identities {
    /** Those that this audit was told, and its own. */
    readonly ours: ReadonlySet<string>;
    /** Those that records of earlier runs name. */
    readonly recorded: ReadonlySet<string>;
}

/** Those of the cancellations that nothing covers, worst first, then the latest. */
export function findUncovered(
    cancelled: readonly MachineAction[],
    covers: ReadonlyMap<string, readonly Cover[]>,
    identities: Identities,
): Uncovered[] {
    return cancelled
        .flatMap((action) => judge(action, covers.get(action.id) ?? [], identities) ?? [])
        .sort((one, other) => other.weight - one.weight || timeOf(other) - timeOf(one));
}

function judge(action: MachineAction, covers: readonly Cover[], { ours, recorded }: Identities): Uncovered | undefined {
    const why = covers.length === 0 ? "not declared" : deviation(action, covers, ours);
    if (why === undefined) {
        return undefined;
    }
    const { cancellationRequestor: by, type = "" } = action;
    const isOurs = isOneOf(by, ours) || isOneOf(by, recorded);
    const marks = [
        [containment.has(type.toLowerCase()), 4, `${type} holds an attacker back`],
        [isOurs && covers.length === 0, 4, "under our own identity"],
    ] as const;
    const held = marks.filter(([holds]) => holds);
    return {
        action,
        cancelledAt: cancelledAtOf(action),
        reasons: [why, ...held.map(([, , reason]) => reason)],
        weight: held.reduce((sum, [, weight]) => sum + weight, covers.length > 0 ? 1 : 0),
    };
}

/** When an action was cancelled, as far as the API tells. */
export function cancelledAtOf({ cancellationDateTimeUtc, lastUpdateDateTimeUtc }: MachineAction): string | undefined {
    return cancellationDateTimeUtc ?? lastUpdateDateTimeUtc;
}

/** One without a time may be the latest. */
function timeOf({ cancelledAt = "" }: Uncovered): number {
    const at = Date.parse(cancelledAt);
    return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
}
