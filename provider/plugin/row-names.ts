import { shortText } from "../text/sanitize.ts";

/** What the names of new rows depend on. */
export interface KnownRows {
    /** The name of the set. The URN of a row has the type of its set, but not its name. */
    readonly set: string;
    /** The actions of the set, those without a row included, and the actions of the stored rows. */
    readonly ids: Iterable<string>;
    /** The names of the stored rows, those that go in this step included. */
    readonly stored: Iterable<string>;
}

/**
 * Names new rows after the set, the machine and the first digits of the id. With the whole id, Pulumi's table has no
 * room for the status in a terminal of 100 columns. Where another id begins with the same digits, the whole id tells
 * them apart, because Pulumi refuses a state with the same URN twice. A name does not depend on what is done, so that
 * a preview and its update name a row alike. It is undefined where stored rows have both names.
 */
export function rowNamer({
    set,
    ids,
    stored,
}: KnownRows): (machineActionId: string, computerDnsName: string | undefined) => string | undefined {
    const byStart = Map.groupBy(new Set(ids), startOf);
    const taken = new Set(stored);
    return (machineActionId, computerDnsName = "") => {
        const [host = ""] = shortText(computerDnsName, 64).split(".");
        const start = startOf(machineActionId);
        const isAlone = (byStart.get(start) ?? []).every((id) => id === machineActionId);
        return [...(isAlone ? [start] : []), machineActionId]
            .map((id) => [set, host, id].filter((part) => part !== "").join("-"))
            .find((name) => !taken.has(name));
    };
}

function startOf(machineActionId: string): string {
    return machineActionId.slice(0, 8);
}
