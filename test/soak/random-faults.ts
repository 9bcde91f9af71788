import type { Fault, FaultPlan } from "../../simulator/index.ts";
import { anyFaults, listFaults } from "../helpers/every-fault.ts";
import { randomNumbers } from "../helpers/random-numbers.ts";

/** Faults of every kind, at random. */
export interface RandomFaults {
    readonly plan: FaultPlan;
    /** How often each kind has hit. */
    readonly hits: ReadonlyMap<string, number>;
    /** From now on nothing goes wrong any more. */
    end(): void;
}

/** Kinds that hold up everybody, or end a whole command: as often as the others they would leave nothing else to see. */
const rare: ReadonlySet<string> = new Set(["401", "403", "429 without a time"]);

/** Lists are few beside cancel requests. */
const weightOf = (kind: string) => (rare.has(kind) ? 0.3 : kind in listFaults ? 3 : 1);

/**
 * `rate`: of all requests, how many are hit, from 0 to 1. `others`: kinds that are to have another form. The same seed
 * hits the same requests with the same faults.
 */
export function randomFaults(
    seed: number,
    rate: number,
    others: Readonly<Partial<Record<string, Fault>>> = {},
): RandomFaults {
    const random = randomNumbers(seed);
    const ofAll = Object.entries(anyFaults);
    const ofLists = [...ofAll, ...Object.entries(listFaults)];
    const hits = new Map(ofLists.map(([kind]) => [kind, 0]));
    let isOver = false;

    function choose(kinds: readonly (readonly [string, Fault])[]): readonly [string, Fault] | undefined {
        const total = kinds.reduce((sum, [kind]) => sum + weightOf(kind), 0);
        let left = random() * total;
        return kinds.find(([kind]) => {
            left -= weightOf(kind);
            return left < 0;
        });
    }

    return {
        hits,
        plan({ operation }) {
            if (isOver || random() >= rate) {
                return undefined;
            }
            const chosen = choose(operation === "list" ? ofLists : ofAll);
            if (chosen === undefined) {
                return undefined;
            }
            const [kind, fault] = chosen;
            hits.set(kind, (hits.get(kind) ?? 0) + 1);
            return others[kind] ?? fault;
        },
        end() {
            isOver = true;
        },
    };
}
