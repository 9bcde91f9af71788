import { hasTagOfStack, stackOf } from "../model/declaration.ts";
import { isGuid, type MachineAction } from "../model/machine-action.ts";

/**
 * The actions that a stack declares. Two declared actions never count as re-issues of each other, even with the same
 * type and machine: each action has a record of its own, which shows its drift.
 *
 * A refresh reads the resources one after another, so no resource knows what the others declare. An action counts as
 * declared by the stack in two cases. Either the engine has already asked this process about the action, as a resource
 * or as a set entry of the same project and stack; or the action is Cancelled, and its comment has a tag of the same
 * project and stack. For an action that is not Cancelled, the tag does not count, because anyone can write a tag.
 */
export interface DeclaredActions {
    /** Notes declared actions. `declaredBy`: "project/stack/name". */
    add(declaredBy: unknown, machineActionIds: Iterable<unknown>): void;
    /** Whether the engine has asked about the action for the same project and stack. */
    has(declaredBy: string | undefined, machineActionId: string): boolean;
    /** The actions that the stack does not declare. */
    others(declaredBy: string | undefined, actions: readonly MachineAction[]): readonly MachineAction[];
}

export function createDeclaredActions(): DeclaredActions {
    const byStack = new Map<string, Set<string>>();
    /** The actions without the stack's tag, by list and stack. Cached, because many cancellations use the same list. */
    const untagged = new WeakMap<readonly MachineAction[], Map<string, readonly MachineAction[]>>();

    function idsOf(declaredBy: string | undefined): ReadonlySet<string> | undefined {
        return declaredBy === undefined ? undefined : byStack.get(stackOf(declaredBy));
    }

    return {
        add(declaredBy, machineActionIds) {
            if (typeof declaredBy !== "string") {
                return;
            }
            const stack = stackOf(declaredBy);
            const ids = byStack.get(stack) ?? new Set();
            byStack.set(stack, ids);
            for (const id of machineActionIds) {
                if (typeof id === "string" && isGuid(id)) {
                    ids.add(id.toLowerCase());
                }
            }
        },
        has: (declaredBy, machineActionId) => idsOf(declaredBy)?.has(machineActionId) ?? false,
        others(declaredBy, actions) {
            if (declaredBy === undefined) {
                return actions;
            }
            const byList = untagged.get(actions) ?? new Map<string, readonly MachineAction[]>();
            untagged.set(actions, byList);
            const stack = stackOf(declaredBy);
            const others =
                byList.get(stack) ??
                actions.filter(
                    ({ status, cancellationComment }) =>
                        status !== "Cancelled" || !hasTagOfStack(cancellationComment, declaredBy),
                );
            byList.set(stack, others);
            const ids = idsOf(declaredBy);
            return ids ? others.filter(({ id }) => !ids.has(id)) : others;
        },
    };
}
