import { isOneOf } from "../../provider/model/canceller.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { cancelledAtOf } from "./cancelled-actions.ts";
import { type Cover, deviation } from "./cover.ts";
import type { Identities } from "./identities.ts";

/** A cancellation that no declaration accounts for. */
export interface Uncovered {
    readonly action: MachineAction;
    /** RFC 3339; when it was cancelled, if the API returns a time. */
    readonly cancelledAt: string | undefined;
    /** The reason why no declaration accounts for it. */
    readonly why: string;
    /** A declaration names the action, but the cancellation differs from it. */
    readonly isDeclared: boolean;
    /** The canceller is an identity that cancels for the declarations. */
    readonly isOurs: boolean;
}

/** The cancellations that no declaration accounts for. */
export function findUncovered(
    cancelled: readonly MachineAction[],
    covers: ReadonlyMap<string, readonly Cover[]>,
    identities: Identities,
): Uncovered[] {
    return cancelled.flatMap((action) => judge(action, covers.get(action.id) ?? [], identities) ?? []);
}

function judge(action: MachineAction, covers: readonly Cover[], identities: Identities): Uncovered | undefined {
    const isDeclared = covers.length > 0;
    const why = isDeclared ? deviation(action, covers, identities) : "not declared";
    if (why === undefined) {
        return undefined;
    }
    const { cancellationRequestor: by } = action;
    const isOurs = isOneOf(by, identities.ours) || isOneOf(by, identities.recorded);
    return { action, cancelledAt: cancelledAtOf(action), why, isDeclared, isOurs };
}
