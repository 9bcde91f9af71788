import type { Properties } from "../../provider/schema/input-rules.ts";
import { cancellationFace, setFace } from "../helpers/dynamic-face.ts";
import { emptyStack, type Step } from "../helpers/engine-rules.ts";
import type { SimulatedApi } from "../helpers/simulated-api.ts";
import { nameOfSet, nameOfSingle, type SoakDeclaration, type SoakFleet } from "./fleet.ts";
import type { Held } from "./held-against-state.ts";
import type { SoakStack } from "./soak-stack.ts";

export interface SimulatedStackOptions {
    readonly api: SimulatedApi;
    readonly fleet: SoakFleet;
    readonly declarations: readonly SoakDeclaration[];
    /** Called after each command, with its name. */
    readonly onCommand: (command: string) => void;
}

/** What the engine does with the lifecycles, by the rules that were seen in runs; each command is a new process. */
export function simulatedStack({ api, fleet, declarations, onCommand }: SimulatedStackOptions): SoakStack {
    const project = "soak/prod";
    const sets = emptyStack(project);
    const singles = emptyStack(project);
    const ofSet = declarations.filter(({ isSet }) => isSet);
    const ofSingles = declarations.filter(({ isSet }) => !isSet);
    /** Why resources failed in the last update, by their names. */
    let failures = new Map<string, string>();

    function startProcess(stop: AbortSignal = new AbortController().signal) {
        const session = api.openSession(stop);
        const [open, log] = [() => session, () => {}];
        return { set: setFace(open, log), single: cancellationFace(open, log) };
    }

    async function carryOut(command: string, ...work: readonly Promise<Step[]>[]): Promise<Step[]> {
        const steps = await api.time.run(Promise.all(work));
        onCommand(command);
        return steps.flat();
    }

    return {
        async preview() {
            const { set, single } = startProcess();
            await carryOut("preview", sets.preview(set, ofSet, true), singles.preview(single, ofSingles, true));
        },
        async refresh() {
            const { set, single } = startProcess();
            await carryOut("refresh", sets.refresh(set, {}), singles.refresh(single, {}));
        },
        async up({ refresh, stopAfterMs, isThrownAway = false }) {
            const [stop, isDone] = [new AbortController(), new AbortController()];
            if (stopAfterMs !== undefined) {
                void api.time.sleep(stopAfterMs, isDone.signal).then(() => isDone.signal.aborted || stop.abort());
            }
            const { set, single } = startProcess(stop.signal);
            const lost = isThrownAway ? declarations.map(({ name }) => name) : [];
            const steps = await carryOut(
                refresh ? "up --refresh" : "up",
                sets.up(set, ofSet, { refresh, lost }),
                singles.up(single, ofSingles, { refresh, lost }),
            );
            isDone.abort();
            const failed = steps.filter(({ error }) => error !== undefined);
            failures = new Map(failed.map(({ name, error }) => [name, error?.message ?? ""]));
            return {
                failed: failed.length > 0,
                hasBegun: steps.every(({ operation }) => operation !== "refresh"),
                wasStopped: stop.signal.aborted,
            };
        },
        async destroy() {
            const { set, single } = startProcess();
            await carryOut(
                "destroy",
                sets.destroy(set).then(() => []),
                singles.destroy(single).then(() => []),
            );
        },
        async held() {
            const results = (sets.state.get(nameOfSet)?.outputs.results ?? {}) as Readonly<Record<string, Properties>>;
            const inSet = fleet.inSet.map((id): [string, Held] => {
                const { failure = results[id] ? undefined : failures.get(nameOfSet), ...outputs } = results[id] ?? {};
                return [id, { outputs, failures: typeof failure === "string" ? [failure] : [] }];
            });
            const alone = fleet.single.map((id, nth): [string, Held] => {
                const name = nameOfSingle(nth);
                const { outputs = {}, initErrors = [] } = singles.state.get(name) ?? {};
                const failure = failures.get(name);
                return [id, { outputs, failures: [...initErrors, ...(failure === undefined ? [] : [failure])] }];
            });
            return new Map([...inSet, ...alone]);
        },
    };
}
