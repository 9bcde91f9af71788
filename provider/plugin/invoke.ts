import type { MachineActionQuery } from "../api/action-query.ts";
import type { Properties } from "../schema/input-rules.ts";

/** The query among the arguments of `getMachineActions`. */
export function queryOf(args: Properties): MachineActionQuery {
    return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) as MachineActionQuery;
}
