import * as pulumi from "@pulumi/pulumi";
import { isNotFound } from "../cancel/cancel-failures.ts";
import { shortDigest } from "../declaration.ts";
import { declaredTarget } from "../declared-target.ts";
import { howToApprove } from "../guard/denials.ts";
import { isGuid } from "../machine-action.ts";
import { isProven } from "../outputs.ts";
import { foresee } from "./foresight.ts";
import { noteOf } from "./machine-notes.ts";
import { gather, known, type Round } from "./rounds.ts";

/** The resource that a line is about, as far as preflight knows it. */
export type PreflightResource = pulumi.CustomResource & {
    readonly status: pulumi.Output<string>;
    readonly outcome: pulumi.Output<string | undefined>;
};

/** The declared inputs that preflight judges by. */
export type PreflightArgs = { readonly machineActionId: pulumi.Input<string> } & Readonly<
    Partial<Record<"expect" | "notAfter" | "ifAlreadyFinal" | "onReissue" | "reissueWindowHours", unknown>>
>;

/**
 * In a preview, says on the resource's own line what `up` would do to the action. It reads in the program's own
 * process, all resources of the program in one batch, and sends nothing. It stays silent where the stack already holds
 * the proof, where the id is not known yet, and where the inputs are wrong, which the lifecycle's check reports.
 */
export function preflight(resource: PreflightResource, args: PreflightArgs): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    const { expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours } = args;
    // Undefined where the preview does not know all of it.
    const policy = known(pulumi.output({ expect, notAfter, ifAlreadyFinal, onReissue, reissueWindowHours }));
    pulumi.output(args.machineActionId).apply(async (machineActionId) => {
        if (typeof machineActionId === "string" && isGuid(machineActionId)) {
            const id = machineActionId.toLowerCase();
            const inputs = await policy;
            void gather({
                resource,
                needed: () => isUnproven(resource),
                look: (round) => lookAt(id, inputs, round),
            });
        }
    });
}

/** Not where the stack holds the proof and the preview leaves the resource as it is: only then it knows the status. */
async function isUnproven({ status, outcome }: PreflightResource): Promise<boolean> {
    try {
        const stored = await known(pulumi.all([status, outcome]));
        return !(stored && isProven({ status: stored[0], outcome: stored[1] }));
    } catch {
        // The registration failed.
        return false;
    }
}

async function lookAt(
    machineActionId: string,
    inputs: Readonly<Record<string, unknown>> | undefined,
    { session, say, explain }: Round,
): Promise<void> {
    try {
        const target = declaredTarget(machineActionId, inputs ?? {}, {});
        const { line, verdict, machine, isApprovable, pairs } = await foresee(target, inputs !== undefined, session);
        const note = machine ? noteOf(machine.facts) : "";
        const advice = isApprovable ? `; ${howToApprove(target.digest, pairs)}` : "";
        const digest = inputs ? shortDigest(target.digest) : "known when all inputs are";
        say(`${line}${note}${advice} [digest ${digest}]`, verdict);
    } catch (error) {
        const line = isNotFound(error)
            ? `not found: the API knows no machine action ${machineActionId}`
            : `could not look: ${explain(error)}`;
        say(line, "would fail");
    }
}
