import type { Simulator } from "../../simulator/index.ts";
import { randomNumbers } from "../helpers/random-numbers.ts";
import { declaredOf, playbook, type SoakFleet } from "./fleet.ts";
import type { Ledger } from "./ledger.ts";

/** What happens to actions without us: machines fetch and finish them, people cancel, resume and issue them again. */
export interface Happenings {
    /** Lets one thing happen to one of the declared actions. */
    next(): void;
    /** How often what has happened. */
    readonly counts: ReadonlyMap<string, number>;
}

const whileOpen = [
    ["fetched by its machine", 4],
    ["ended as Succeeded", 1],
    ["ended as Failed", 1],
    ["ended as TimeOut", 1],
    ["cancelled in the portal", 1],
] as const;
const onceCancelled = [
    ["resumed", 6],
    ["issued again by the same", 1],
    ["issued again by another", 1],
    ["nothing", 4],
] as const;

/** The same seed chooses alike. */
export function happeningsIn(simulator: Simulator, fleet: SoakFleet, ledger: Ledger, seed: number): Happenings {
    const random = randomNumbers(seed);
    const counts = new Map<string, number>();
    const declared = declaredOf(fleet);

    function oneOf<What extends string>(weighted: readonly (readonly [What, number])[]): What | undefined {
        let left = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
        return weighted.find(([, weight]) => {
            left -= weight;
            return left < 0;
        })?.[0];
    }

    function happen(id: string, status: string): string | undefined {
        if (status === "Cancelled") {
            const what = oneOf(onceCancelled);
            switch (what) {
                case "resumed":
                    ledger.beforeResumption(id);
                    simulator.resume(id);
                    break;
                case "issued again by the same":
                    ledger.reissued(id, simulator.reissue(id, playbook).id);
                    break;
                case "issued again by another":
                    simulator.reissue(id, "AttackDisruption");
                    break;
            }
            return what;
        }
        const what = oneOf(whileOpen);
        switch (what) {
            case "fetched by its machine":
                simulator.start(id);
                break;
            case "cancelled in the portal":
                simulator.finish(id, "Cancelled");
                break;
            case undefined:
                break;
            default:
                simulator.finish(id, what.slice("ended as ".length));
        }
        return what;
    }

    return {
        counts,
        next() {
            const id = declared[Math.floor(random() * declared.length)] ?? "";
            const status = simulator.action(id)?.status ?? "Succeeded";
            const isOver = status === "Succeeded" || status === "Failed" || status === "TimeOut";
            const what = isOver || fleet.endless.has(id) ? undefined : happen(id, status);
            if (what !== undefined && what !== "nothing") {
                counts.set(what, (counts.get(what) ?? 0) + 1);
            }
        },
    };
}
