import type { ExecutionContext } from "ava";
import type { ActionSeed } from "../../simulator/index.ts";
import { type CommandScene, commandScene } from "./command.ts";
import { type ExportedResource, stackExport } from "./stack-state.ts";
import { type Stage, stageOf, verifiedToken } from "./verified.ts";

/** A scene with pending actions, ws-1 and so on. */
export async function pendingScene(
    t: ExecutionContext,
    count: number,
    seed: (index: number) => ActionSeed = () => ({}),
): Promise<CommandScene & { readonly ids: readonly string[] }> {
    const ids = Array.from(
        { length: count },
        (_, index) => `5f2c7a10-93b4-4c1e-8d2f-${String(index + 1).padStart(12, "0")}`,
    );
    const actions = ids.map((id, index) => ({
        id,
        machineId: String(index).padStart(40, "a"),
        computerDnsName: `ws-${index + 1}.contoso.example`,
        ...seed(index),
    }));
    return { ...(await commandScene(t, { actions, env: { DEFENDER_ACCESS_TOKEN: verifiedToken } })), ids };
}

/** A set of these actions, after its first run. */
export async function appliedSet(scene: CommandScene, ids: readonly string[], more: object = {}): Promise<Stage> {
    const cancellations = ids.map((machineActionId) => ({ machineActionId }));
    return stageOf(scene, "playbook-12", true).up({ comment: "INC-4711", cancellations, ...more });
}

/** What `report` prints in a format about these resources. */
export async function reported(
    { run }: CommandScene,
    format: string,
    ...resources: readonly ExportedResource[]
): Promise<string> {
    return (await run(["report", "--format", format], { stdin: stackExport(...resources) })).stdout;
}
