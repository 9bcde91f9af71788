import { foldType } from "../model/action-type.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { momentOf } from "../system/clock.ts";

/** The facts that determine the order of cancel requests. */
export interface Urgency {
    readonly action: Pick<MachineAction, "id" | "status" | "type" | "creationDateTimeUtc">;
    /** When the machine's last report came, in milliseconds since the epoch; undefined where that is not known. */
    readonly lastSeen: number | undefined;
}

/** Types that run for many minutes: a cancel request has a better chance of stopping such an action after its start. */
const longTypes: readonly string[] = ["RunAntiVirusScan", "CollectInvestigationPackage", "LiveResponse"].map(foldType);

/** The sort key, most urgent first; each number is ascending. */
function keyOf({ action, lastSeen }: Urgency): readonly [number, number, number] {
    const isRunning = action.status === "InProgress";
    const isLong = longTypes.includes(foldType(action.type ?? ""));
    const group = isRunning ? (isLong ? 0 : 1) : 2;
    return [group, isRunning ? 0 : -(lastSeen ?? 0), -(momentOf(action.creationDateTimeUtc) || 0)];
}

/**
 * The items in the order in which their cancel requests are sent. First come the actions that are InProgress, and among
 * them those of long-running types. Then come the actions that are likely to start soonest: a machine that reported
 * recently is the most likely to be online again. Machines without a report come last. Among equals the newest action
 * comes first.
 */
export function byUrgency<Item>(items: readonly Item[], urgencyOf: (item: Item) => Urgency): Item[] {
    const keyed = items.map((item) => {
        const urgency = urgencyOf(item);
        return { item, key: keyOf(urgency), id: urgency.action.id };
    });
    keyed.sort(({ key: one, id }, { key: other, id: otherId }) => {
        const difference = one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
        return difference !== 0 ? difference : id < otherId ? -1 : 1;
    });
    return keyed.map(({ item }) => item);
}
