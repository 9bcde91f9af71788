import type { ExecutionContext } from "ava";
import type { ActionSeed } from "../../simulator/index.ts";
import { type CommandRun, type CommandScene, commandScene, tokenWith } from "./command.ts";
import { type ExportedResource, stackExport, storedResource } from "./stack-state.ts";

/** The app registration of the pipeline, and its tenant. */
export const us = "9a1b2c3d-0000-4000-8000-00000000abcd";
export const tenant = "0e1f2a3b-4c5d-4e6f-8a7b-00000000abcd";
/** Another application that may cancel. */
export const intern = "11111111-0000-4000-8000-00000000aaaa";

const token = (appid: string, roles: readonly string[]) => tokenWith({ tid: tenant, appid, roles });

/** A resource of a state, to be edited. */
export type Editable = ExportedResource & {
    // biome-ignore lint/suspicious/noExplicitAny: tests edit states as attackers do, at any place
    outputs: Record<string, any>;
    initErrors?: string[];
};

/** A tenant in which cancellations are made, and the state and the files that declare them. */
export interface AuditWorld {
    readonly scene: CommandScene;
    /** A pending action with the next id. */
    seed(seed?: ActionSeed): string;
    /** Cancels the action as `pulumi up` does. Returns the record. */
    cancel(id: string, args?: Readonly<Record<string, unknown>>): Promise<Editable>;
    /** Cancels the actions of one set. */
    cancelAll(ids: readonly string[], args?: Readonly<Record<string, unknown>>): Promise<Editable>;
    /** Cancels an action by a request of its own, without a record. */
    cancelDirectly(id: string, by: string, comment?: string): void;
    /** Lets the action run again, and cancels it again after `minutes`. */
    cancelAgain(id: string, minutes: number, by: string, comment?: string): void;
    /** The comment that Defender shows. */
    commentOf(id: string): string;
    minutesAgo(minutes: number): string;
    /** Runs `audit` over these resources. */
    audit(resources: readonly ExportedResource[], args?: readonly string[]): Promise<CommandRun>;
}

/** The next id, of all worlds. */
let count = 0;

export async function auditWorld(t: ExecutionContext): Promise<AuditWorld> {
    const env = { DEFENDER_ACCESS_TOKEN: token(us, ["Machine.Isolate", "Machine.Read.All"]) };
    const scene = await commandScene(t, { env });
    const { simulator, clock } = scene;
    const minutesAgo = (minutes: number) => new Date(clock.now() - minutes * 60_000).toISOString();
    const commentOf = (id: string) => simulator.action(id)?.cancellationComment ?? "";
    const record = (args: Readonly<Record<string, unknown>>) =>
        storedResource(scene, `inc-${++count}`, { comment: "INC-4711 wrong scope", ...args }, env) as Promise<Editable>;
    return {
        scene,
        minutesAgo,
        commentOf,
        seed(seed = {}) {
            const id = `5f2c7a10-93b4-4c1e-8d2f-${String(++count).padStart(12, "0")}`;
            // Each action has a creation time of its own, as it has in Defender.
            return simulator.seed({ id, creationDateTimeUtc: minutesAgo(30 + count / 10), ...seed }).id;
        },
        cancel: (id, args = {}) => record({ machineActionId: id, ...args }),
        cancelAll: (ids, args = {}) =>
            record({ cancellations: ids.map((machineActionId) => ({ machineActionId })), ...args }),
        cancelDirectly: (id, by, comment) => void simulator.cancel(id, by, comment),
        cancelAgain(id, minutes, by, comment) {
            simulator.resume(id);
            clock.advance(minutes * 60_000);
            simulator.cancel(id, by, comment);
        },
        audit: (resources, args = []) =>
            scene.run(["audit", "--json", "--state", "-", ...args], { stdin: stackExport(...resources) }),
    };
}

/** The ids that an audit found, with the first reason of each. */
export function foundBy({ stdout }: CommandRun): Map<string, string> {
    const lines = stdout.split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => JSON.parse(line)).map(({ machineActionId: id, reasons }) => [id, reasons[0]]));
}

/** The record after a refusal: nothing was sent. */
export function unsent(resource: Editable, code: string): Editable {
    const {
        outcome: _,
        effect: __,
        requestedAtUtc: ___,
        confirmedAtUtc: ____,
        evidence: _____,
        ...outputs
    } = resource.outputs;
    const read = Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith("cancellation")));
    return { ...resource, outputs: { ...read, status: "Pending" }, initErrors: [`${code}: nothing was sent`] };
}
