/**
 * Cancels one set with the built package of a checkout, through the export that stored state uses, and measures the
 * processor time of its own process. Takes a {@link CpuTask} as a message, and answers with a {@link CpuTime}. Its
 * environment contains the address of the API.
 */
import { createRequire } from "node:module";

/** The actions to cancel, and the package to use. */
export interface CpuTask {
    /** The root of a checkout with `dist/`. */
    readonly root: string;
    readonly ids: readonly string[];
}

/** Processor time in milliseconds, user and system. */
export interface CpuTime {
    /** From before `create` to its end. */
    readonly create: number;
    /** Of the whole process. */
    readonly process: number;
}

interface SetLifecycle {
    configure(request: { readonly config: { get(key: string): undefined } }): Promise<void>;
    check(olds: object, news: object): Promise<{ readonly inputs: object; readonly failures?: readonly object[] }>;
    create(inputs: object): Promise<{ readonly id: string }>;
}

process.once("message", async ({ root, ids }: CpuTask) => {
    const require = createRequire(`${root}/package.json`);
    const { machineActionCancellationSet: set } = require("./dist/provider/lifecycle.js") as {
        readonly machineActionCancellationSet: SetLifecycle;
    };
    await set.configure({ config: { get: () => undefined } });
    const news = {
        cancellations: ids.map((machineActionId) => ({ machineActionId, expect: { type: "Isolate" } })),
        comment: "INC-4711",
        declaredBy: "incident/prod/wrong",
        maxCancellations: 5_000,
        __provider: "exports.handler = …",
    };
    const { inputs, failures = [] } = await set.check({}, news);
    if (failures.length > 0) {
        throw new Error(`the set is refused: ${JSON.stringify(failures)}`);
    }
    const before = process.cpuUsage();
    await set.create(inputs);
    const used = process.cpuUsage(before);
    const whole = process.cpuUsage();
    const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;
    process.send?.({ create: ms(used), process: ms(whole) } satisfies CpuTime, () => process.exit());
});
