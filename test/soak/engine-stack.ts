import type { Properties } from "../../provider/schema/input-rules.ts";
import type { Engine, EngineRun, StoredResource } from "../helpers/engine.ts";
import { diagnosticsOf } from "../helpers/run-report.ts";
import { nameOfSet, nameOfSingle, type SoakFleet } from "./fleet.ts";
import type { Held } from "./held-against-state.ts";
import type { SoakStack } from "./soak-stack.ts";

/** The stack on the real engine. `onCommand` gets the name of each command and what runs it. */
export function engineStack(
    engine: Engine,
    fleet: SoakFleet,
    onCommand: (name: string, run: () => Promise<EngineRun>) => Promise<EngineRun>,
): SoakStack {
    let lastUp: EngineRun | undefined;

    const reasonsOf = (name: string) =>
        (lastUp ? (diagnosticsOf(lastUp).get(name) ?? []) : [])
            .filter(({ level }) => level === "error")
            .map(({ text }) => text);

    return {
        async preview() {
            await onCommand("preview", () => engine.preview({ refresh: true }));
        },
        async refresh() {
            await onCommand("refresh", () => engine.refresh());
        },
        async up({ refresh }) {
            const name = refresh ? "up --refresh" : "up";
            lastUp = await onCommand(name, () => engine.up({ refresh, continueOnError: true }));
            return { failed: lastUp.failed, hasBegun: !isOfRefresh(lastUp), wasStopped: false };
        },
        async destroy() {
            await onCommand("destroy", () => engine.destroy());
        },
        async held() {
            const stored = new Map((await engine.resources()).map((one) => [nameOf(one), one]));
            const set = stored.get(nameOfSet);
            const results = (set?.outputs.results ?? {}) as Readonly<Record<string, Properties>>;
            const inSet = fleet.inSet.map((id): [string, Held] => {
                const { failure, ...outputs } = results[id] ?? {};
                const failures = results[id]
                    ? [failure].filter((code) => typeof code === "string")
                    : reasonsOf(nameOfSet);
                return [id, { outputs, failures }];
            });
            const alone = fleet.single.map((id, nth): [string, Held] => {
                const name = nameOfSingle(nth);
                const { outputs = {}, initErrors = [] } = stored.get(name) ?? {};
                return [id, { outputs, failures: [...initErrors, ...reasonsOf(name)] }];
            });
            return new Map([...inSet, ...alone]);
        },
    };
}

const nameOf = ({ urn }: StoredResource) => urn.split("::").at(-1) ?? "";

/** An `up --refresh` whose refresh fails creates and updates nothing. */
function isOfRefresh({ output }: EngineRun): boolean {
    return output.includes("**refreshing failed**");
}
