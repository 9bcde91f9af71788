import { createHash, randomUUID } from "node:crypto";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Declaration } from "../../test/helpers/engine.ts";
import { idleSet, idleSingle, type Sample } from "./idle-provider.ts";
import type { DeclaredAction } from "./stack-run.ts";

/** How a program declares cancellations. */
export type Kind = "one set" | "single resources" | "one set, plugin" | "single resources, plugin";

const comment = "INC-4711: playbook 12 isolated the wrong machines";

/** Pending actions with a computer each. */
export function pendingActions(size: number): DeclaredAction[] {
    return Array.from({ length: size }, () => {
        const id = randomUUID();
        return { id, computerDnsName: `ws-${createHash("sha1").update(id).digest("hex").slice(0, 6)}.contoso.example` };
    });
}

/** A program that declares the actions, each with its `expect`. */
export function ours(kind: Kind, actions: readonly DeclaredAction[]): Declaration[] {
    const entries = actions.map(entryOf);
    const isOfPlugin = kind.endsWith("plugin");
    return isSet(kind)
        ? [{ name: "wrong", isSet: true, isOfPlugin, args: setArgs(entries) }]
        : entries.map((entry, index) => ({ name: `wrong-${index}`, isOfPlugin, args: { comment, ...entry } }));
}

function isSet(kind: Kind): boolean {
    return kind.startsWith("one set");
}

/**
 * The same program with a dynamic provider that does nothing and returns outputs of the same size as the sample: for the
 * provider plugin too, so that both faces have the same measure.
 */
export function idle(kind: Kind, actions: readonly DeclaredAction[], sample: Sample): Declaration[] {
    const entries = actions.map(entryOf);
    // The inputs that the constructors add.
    const common = { comment, declaredBy: "incident/test/wrong", results: undefined, counts: undefined };
    if (isSet(kind)) {
        const standIn = { type: machineActionCancellationSet.type, text: idleSet(sample) };
        return [{ name: "wrong", standIn, args: { ...common, ...setArgs(entries) } }];
    }
    const standIn = { type: machineActionCancellation.type, text: idleSingle(sample) };
    return entries.map((entry, index) => ({ name: `wrong-${index}`, standIn, args: { ...common, ...entry } }));
}

function setArgs(cancellations: readonly object[]) {
    return { cancellations, comment, maxCancellations: 5_000 };
}

function entryOf({ id, computerDnsName }: DeclaredAction) {
    return {
        machineActionId: id,
        expect: { type: "Isolate", computerDnsName, requestor: "soar@contoso.example" },
    };
}
