import type { MachineActionQuery } from "../api/action-query.ts";
import { DefenderError } from "../model/errors.ts";
import type { Properties } from "../schema/input-rules.ts";

/** The query among the arguments of `getMachineActions`. */
export function queryOf(args: Properties): MachineActionQuery {
    return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) as MachineActionQuery;
}

/** The error of a look-up, without the value of a secret argument. */
export function hideArguments(error: unknown, secret: ReadonlySet<string>): unknown {
    const isShown = error instanceof DefenderError && error.code === "ERR_DEFENDER_CONFIGURATION";
    const name = isShown ? [...secret].find((one) => error.message.startsWith(`${one} `)) : undefined;
    return name === undefined
        ? error
        : new DefenderError("ERR_DEFENDER_CONFIGURATION", `${name} is secret, and its value is not usable`);
}
