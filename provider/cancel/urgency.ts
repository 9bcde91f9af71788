import { foldType } from "../model/action-type.ts";
import type { MachineAction } from "../model/machine-action.ts";

/** What the order of cancel requests depends on. */
export interface Urgency {
    readonly action: Pick<MachineAction, "id" | "status" | "type" | "creationDateTimeUtc">;
    /** When the machine's last report came, in milliseconds since the epoch; undefined where that is not known. */
    readonly lastSeen: number | undefined;
}

/** These types run for many minutes: a cancel request has a better chance to stop one that has started. */
const longTypes: readonly string[] = ["RunAntiVirusScan", "CollectInvestigationPackage", "LiveResponse"].map(foldType);

/** The sort key, most urgent first; each number is ascending. */
function keyOf({ action, lastSeen }: Urgency): readonly [number, number, number] {
    const isRunning = action.status === "InProgress";
    const isLong = longTypes.includes(foldType(action.type ?? ""));
    const group = isRunning ? (isLong ? 0 : 1) : lastSeen === undefined ? 3 : 2;
    return [group, group === 2 ? -(lastSeen ?? 0) : 0, -(Date.parse(action.creationDateTimeUtc ?? "") || 0)];
}

/**
 * The items in the order in which their cancel requests go out. First come the actions that are InProgress, and of those
 * the types that run long. Then come the machines that will start their action soonest: a machine that reported lately
 * is the likeliest to be online again. Machines without a report come last. Among equals the newest action comes first.
 */
export function byUrgency<Item>(items: readonly Item[], urgencyOf: (item: Item) => Urgency): Item[] {
    const keyed = items.map((item) => {
        const urgency = urgencyOf(item);
        return { item, key: keyOf(urgency), id: urgency.action.id };
    });
    keyed.sort(({ key: one, id }, { key: other, id: otherId }) => {
        const difference = one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
        return difference !== 0 ? difference : id < otherId ? -1 : id > otherId ? 1 : 0;
    });
    return keyed.map(({ item }) => item);
}
