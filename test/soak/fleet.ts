import { createHash } from "node:crypto";
import type { ActionSeed } from "../../simulator/index.ts";
import { randomNumbers } from "../helpers/random-numbers.ts";

/** How many actions a soak has to do with. */
export interface FleetSize {
    /** Declared by one set. */
    readonly set: number;
    /** Declared one by one. */
    readonly singles: number;
    /** Declared by nobody. */
    readonly bystanders: number;
}

/** The machine actions of a soak. Every action has a machine of its own, so a second one on it is a re-issue. */
export interface SoakFleet {
    readonly actions: readonly (ActionSeed & { readonly id: string })[];
    readonly inSet: readonly string[];
    readonly single: readonly string[];
    /** Those that never end, whatever is asked of them. */
    readonly endless: ReadonlySet<string>;
}

/** The ids of all that is declared. */
export const declaredOf = ({ inSet, single }: SoakFleet): string[] => [...inSet, ...single];

/** Whose actions are cancelled; fenced re-issues are by the same. */
export const playbook = "soar@contoso.example";

type Kind = Omit<ActionSeed, "id">;

/** Of a hundred actions, so many of each kind. */
const kinds: readonly (readonly [number, (random: () => number) => Kind])[] = [
    [55, () => ({})],
    [18, (random) => ({ behaviour: "pending-then-cancelled", settleMs: 1_000 + Math.floor(random() * 19_000) })],
    [14, (random) => ({ behaviour: "in-progress-then-cancelled", settleMs: 1_000 + Math.floor(random() * 19_000) })],
    [3, () => ({ behaviour: "in-progress-then-succeeded", settleMs: 4_000 })],
    [3, () => ({ behaviour: "cancelled-though-completed", settleMs: 3_000 })],
    [2, () => ({ visibleAfterMs: 40_000 })],
    [1, () => ({ status: "Succeeded" })],
    [1, () => ({ status: "Failed" })],
    [1, () => ({ status: "TimeOut" })],
    [1, () => ({ status: "Cancelled" })],
    [1, () => ({ behaviour: "never-final" })],
];

/** The same seed gives the same fleet, ids included. */
export function soakFleet(seed: number, size: FleetSize): SoakFleet {
    const random = randomNumbers(seed);
    const total = size.set + size.singles + size.bystanders;
    const actions = Array.from({ length: total }, (_, nth) => {
        let left = random() * 100;
        const kind = kinds.find(([share]) => {
            left -= share;
            return left < 0;
        })?.[1];
        return { requestor: playbook, ...kind?.(random), id: guidOf(`${seed} ${nth}`) };
    });
    const ids = actions.map(({ id }) => id);
    return {
        actions,
        inSet: ids.slice(0, size.set),
        single: ids.slice(size.set, size.set + size.singles),
        endless: new Set(actions.filter(({ behaviour }) => behaviour === "never-final").map(({ id }) => id)),
    };
}

function guidOf(text: string): string {
    const hex = createHash("sha256").update(text).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A resource of the soak's program. */
export interface SoakDeclaration {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly isSet: boolean;
}

/** The name of the set; of the single ones {@link nameOfSingle}. */
export const nameOfSet = "wrong-scope";
export const nameOfSingle = (nth: number): string => `cancellation-${nth}`;

/** One set and the single ones. Only these have their re-issues cancelled, half of the set's entries may have run. */
export function declarationsOf(fleet: SoakFleet, confirmWithinSeconds: number, now: number): SoakDeclaration[] {
    const common = { comment: "INC-4711", confirmWithinSeconds };
    const expect = { requestor: playbook };
    const cancellations = fleet.inSet.map((machineActionId, nth) => ({
        machineActionId,
        expect,
        ...(nth % 2 === 0 ? { ifAlreadyFinal: "accept" } : {}),
    }));
    const fence = { onReissue: "cancel", notAfter: new Date(now + 100 * 3_600_000).toISOString() };
    return [
        { name: nameOfSet, isSet: true, args: { ...common, cancellations, maxCancellations: 5_000 } },
        ...fleet.single.map((machineActionId, nth) => ({
            name: nameOfSingle(nth),
            isSet: false,
            args: { ...common, ...fence, machineActionId, expect },
        })),
    ];
}
