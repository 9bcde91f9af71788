import type { Properties } from "../../provider/schema/input-rules.ts";
import type { MachineActionRow } from "../../simulator/index.ts";
import type { Declared, StoredState } from "../helpers/engine-rules.ts";
import type { Exchange, World } from "./world.ts";

/** What the invariants say things with. */

const finals = ["Cancelled", "TimeOut", "Succeeded", "Failed"];
export const isFinal = (status: string | undefined) => finals.includes(status ?? "");
export const isOver = (status: string | undefined) => status === "Cancelled" || status === "TimeOut";
export const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
export const same = (one: unknown, other: unknown) => String(one).toLowerCase() === String(other).toLowerCase();

/** Throws with what was seen where something does not hold. */
export function must(holds: boolean, what: string, ...seen: readonly unknown[]): void {
    if (!holds) {
        throw new Error([what, ...seen.map((one) => JSON.stringify(one))].join("\n    "));
    }
}

export const idOf = ({ args }: Declared) => String(args.machineActionId);

/** The cancel requests that went out in the last command. */
export const cancelsOf = (world: World): Exchange[] =>
    world.exchanges.filter((one) => one.kind === "cancel" && one.command === world.command && one.sentAt !== undefined);

export function isAsExpected(row: MachineActionRow, expect: unknown): boolean {
    return Object.entries((expect ?? {}) as Properties).every(([name, value]) =>
        same(row[name as keyof MachineActionRow], value),
    );
}

export function mayBeSent({ notAfter }: Properties, at: number): boolean {
    return typeof notAfter !== "string" || at <= Date.parse(notAfter);
}

/** A re-issue as the outputs hold it. */
interface Reissued {
    readonly id: string;
    readonly requestedAtUtc?: string;
}

export const reissuesOf = (state: StoredState | undefined) => (state?.outputs.reissues ?? []) as Reissued[];
