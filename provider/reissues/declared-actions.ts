import { hasTagOfStack, stackOf } from "../model/declaration.ts";
import { isGuid, type MachineAction } from "../model/machine-action.ts";

/**
 * The actions that a stack declares. They are no re-issues of each other, although they have the same type and machine:
 * each has a record of its own, which shows its drift.
 *
 * A refresh reads one resource after another, and no resource knows the others. So an action counts as declared by the
 * stack in two cases: the engine has asked this process about it, as a resource or an entry of the same project and
 * stack, before the decision; or it is Cancelled, and its comment has a tag of the same project and stack. The tag
 * alone does not count for an action that is not Cancelled, because anyone can write it.
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
    /** The actions of a list without our tag, by stack. Many cancellations ask about the same list. */
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
