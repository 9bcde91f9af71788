import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import type { CommandScene } from "./command.ts";
import { cancellationFace, setFace } from "./dynamic-face.ts";
import { asMoved, asOfPlugin } from "./plugin-state.ts";

/** A resource as `pulumi stack export` has it. */
export interface ExportedResource {
    type: string;
    urn: string;
    id: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/** Declares a resource as `pulumi up` does, without the engine, and returns the state that it would store. */
export async function storedResource(
    { simulator, clock }: CommandScene,
    name: string,
    args: Properties,
    environment: NodeJS.ProcessEnv = {},
): Promise<ExportedResource> {
    const isSet = "cancellations" in args;
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "command-token",
        ...environment,
    });
    const session = openSession(settings, {
        clock,
        stop: new AbortController().signal,
        log: () => {},
        quotaStore: memoryStore(),
    });
    const open = () => session;
    const log = () => {};
    const lifecycle = isSet ? setFace(open, log) : cancellationFace(open, log);
    const { type, text: __provider } = isSet ? machineActionCancellationSet : machineActionCancellation;
    const { inputs } = await lifecycle.check({}, { __provider, declaredBy: `incident/prod/${name}`, ...args });
    const { id, outs } = await lifecycle.create(inputs);
    return JSON.parse(
        JSON.stringify({ type, urn: `urn:pulumi:prod::incident::${type}::${name}`, id, inputs, outputs: outs }),
    );
}

/**
 * With `DEFENDER_TEST_FACE=plugin`, all tests of the command read their states as the provider plugin stores them, and
 * with `moved` as a move by alias leaves them.
 */
const asStored = { plugin: asOfPlugin, moved: asMoved }[process.env.DEFENDER_TEST_FACE ?? ""];

/** The text of a stack export with these resources. */
export function stackExport(...given: readonly ExportedResource[]): string {
    const resources = asStored === undefined ? given : given.map(asStored);
    const stack = { type: "pulumi:pulumi:Stack", urn: "urn:pulumi:prod::incident::pulumi:pulumi:Stack::incident-prod" };
    return JSON.stringify({ version: 3, deployment: { resources: [stack, ...resources] } });
}
