import type { MachineAction } from "../../provider/model/machine-action.ts";
import { type Cover, deviation, isOneOf } from "./cover.ts";

/** A cancellation that no declaration accounts for. */
export interface Uncovered {
    readonly action: MachineAction;
    /** RFC 3339; when it was cancelled, as far as the API tells. */
    readonly cancelledAt: string | undefined;
    /** Why nothing accounts for it. */
    readonly why: string;
    /** Something declares it, but not as it was done. */
    readonly isDeclared: boolean;
    /** It was cancelled under an identity that cancels for the declarations. */
    readonly isOurs: boolean;
}

/** Who cancels for the declarations, lower case. */
export interface Identities {
    /** Those that this audit was told, and its own. */
    readonly ours: ReadonlySet<string>;
    /** Those that records of earlier runs name. */
    readonly recorded: ReadonlySet<string>;
}

/** Those of the cancellations that nothing covers. */
export function findUncovered(
    cancelled: readonly MachineAction[],
    covers: ReadonlyMap<string, readonly Cover[]>,
    identities: Identities,
): Uncovered[] {
    return cancelled.flatMap((action) => judge(action, covers.get(action.id) ?? [], identities) ?? []);
}

function judge(action: MachineAction, covers: readonly Cover[], { ours, recorded }: Identities): Uncovered | undefined {
    const isDeclared = covers.length > 0;
    const why = isDeclared ? deviation(action, covers, ours) : "not declared";
    if (why === undefined) {
        return undefined;
    }
    const { cancellationRequestor: by } = action;
    const isOurs = isOneOf(by, ours) || isOneOf(by, recorded);
    return { action, cancelledAt: cancelledAtOf(action), why, isDeclared, isOurs };
}

/** When an action was cancelled, as far as the API tells. */
export function cancelledAtOf({ cancellationDateTimeUtc, lastUpdateDateTimeUtc }: MachineAction): string | undefined {
    return cancellationDateTimeUtc ?? lastUpdateDateTimeUtc;
}
