import * as pulumi from "@pulumi/pulumi";
import type { RunEvidence } from "../model/evidence.ts";
import { machineActionCancellationSet as reference } from "../model/provider-reference.ts";
import type { IfAlreadyFinal, OnReissue } from "../schema/input-rules.ts";
import { type MachineActionExpectation, refuseSecret } from "./cancellation.ts";
import { providerGate } from "./explicit-provider.ts";
import { withPreviewHook } from "./preflight/registered.ts";
import { preflightSet } from "./preflight/set-preflight.ts";
import { countFromQuery } from "./query-results.ts";

/** One cancellation of a set. */
export interface SetCancellation {
    /** The machine action to cancel: its GUID, in any case. No two entries may name the same. */
    machineActionId: pulumi.Input<string>;
    /** What the reviewer approved, as for a single cancellation. */
    expect?: pulumi.Input<MachineActionExpectation | undefined>;
    /** For this action alone: a reviewed acknowledgement that it ran. It wins over that of the set. */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal | undefined>;
}

/** What a {@link MachineActionCancellationSet} asks for. */
export interface MachineActionCancellationSetArgs {
    /** The machine actions to cancel, at most 5,000. */
    cancellations: pulumi.Input<pulumi.Input<SetCancellation>[]>;
    /** Why; as for a single cancellation, for all of the set. */
    comment: pulumi.Input<string>;
    /** A guard against slips: more entries fail, before anything is sent. Default 100, at most 5000. */
    maxCancellations?: pulumi.Input<number | undefined>;
    /** RFC 3339 time after which nothing is sent; as for a single cancellation. */
    notAfter?: pulumi.Input<string | undefined>;
    /** What to do with actions that already ended as Succeeded or Failed; `"fail"` by default. */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal | undefined>;
    /** What later actions of the same type on the same machines mean; `"drift"` by default. `"cancel"` cancels at most one for each entry and run. */
    onReissue?: pulumi.Input<OnReissue | undefined>;
    /** How long after its cancellation a later action is a re-issue, in hours. Default 72, at most 8784. */
    reissueWindowHours?: pulumi.Input<number | undefined>;
    /**
     * How long after its own cancel request the final status of each action is awaited, in seconds. Default 300, at most
     * 86400. What a long set waits for the API's quota does not count.
     */
    confirmWithinSeconds?: pulumi.Input<number | undefined>;
}

/** What became of one cancellation of a set: as the outputs of a single one, without what is common to the run. */
export interface SetResult {
    readonly status?: string;
    readonly outcome?: string;
    readonly adoptedFrom?: string;
    readonly effect?: string;
    readonly statusBeforeCancel?: string;
    readonly type?: string;
    readonly machineId?: string;
    readonly computerDnsName?: string;
    readonly requestor?: string;
    readonly requestorComment?: string;
    readonly creationDateTimeUtc?: string;
    readonly requestedAtUtc?: string;
    readonly confirmedAtUtc?: string;
    /** The code of the error, where it failed. */
    readonly failure?: string;
    /** The index in `evidence` of the run that sent the last cancel request. */
    readonly run?: number;
    readonly [more: string]: unknown;
}

/**
 * Any number of cancellations in one step of the engine: the resource for a fleet. The file backends rewrite the whole
 * state after each step, so a thousand single resources take a thousand rewrites, and a set takes one.
 *
 * - `preview` reads, in few requests, and says in one line how many would be cancelled and which would not.
 * - `up` cancels all that are not final, those that are about to run first, at the pace of the API's quota, and proves
 *   each. Every action is attempted; then the update fails if any of them failed, and names those. Every record is kept.
 *   The next `up` touches only what is open.
 * - `refresh` reads; drift names the actions: `deviations: { "ID": "InProgress" }`.
 * - An entry that is added is cancelled; one that is removed is dropped without a call.
 * - `destroy` drops the record and sends no request. `retainOnDelete` is set unless the options say otherwise.
 *
 * A failure names the first 20 actions that failed, each with its code, such as `ERR_DEFENDER_TOO_LATE`,
 * `ERR_DEFENDER_NOT_FOUND`, `ERR_DEFENDER_NOT_CONFIRMED`, `ERR_DEFENDER_UNEXPECTED` or `ERR_DEFENDER_REISSUED`.
 *
 * @example
 * ```ts
 * new MachineActionCancellationSet("playbook-12", {
 *     cancellations: [{ machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", expect: { type: "Isolate" } }],
 *     comment: "INC-4711: playbook 12 isolated the wrong machines",
 * });
 * ```
 */
export class MachineActionCancellationSet extends pulumi.CustomResource {
    /** @internal */
    static readonly __pulumiType: string = reference.type;

    /** Whether the value is a MachineActionCancellationSet, of whichever copy of this package. */
    static override isInstance(value: unknown): value is MachineActionCancellationSet {
        return (
            typeof value === "object" &&
            value !== null &&
            (value as { __pulumiType?: unknown }).__pulumiType === MachineActionCancellationSet.__pulumiType
        );
    }

    /** What became of each, by the id of its action. */
    declare readonly results: pulumi.Output<Readonly<Record<string, SetResult>>>;
    /** How many ended how and with what effect: `total`, each outcome, `unproven`, and each effect. */
    declare readonly counts: pulumi.Output<Readonly<Record<string, number>>>;
    /** What the cancel requests of each run have in common, the first run first. */
    declare readonly evidence: pulumi.Output<readonly RunEvidence[]>;

    constructor(name: string, args: MachineActionCancellationSetArgs, opts?: pulumi.CustomResourceOptions) {
        const given = { ...opts, retainOnDelete: opts?.retainOnDelete ?? true };
        const gate = providerGate(reference.text, given);
        const props: pulumi.Inputs = {
            results: undefined,
            counts: undefined,
            evidence: undefined,
            // Set by the lifecycle's check: a preview tells by it what the engine has looked at.
            desiredStatus: undefined,
            ...args,
            comment: refuseSecret(args.comment),
            fromQuery: countFromQuery(args.cancellations),
            declaredBy: `${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
            __provider: gate.input,
        };
        super(reference.type, name, props, withPreviewHook(given));
        gate.judge(this);
        preflightSet(this);
    }
}
