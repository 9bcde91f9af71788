import * as pulumi from "@pulumi/pulumi";
import type { RunEvidence } from "../model/evidence.ts";
import type { RelatedFileInfo } from "../model/machine-action.ts";
import { machineActionCancellationSet as reference } from "../model/provider-reference.ts";
import { planSet } from "../plan/plan-resource.ts";
import type { IfAlreadyFinal, OnReissue } from "../schema/input-rules.ts";
import type { MachineActionExpectation } from "./cancellation.ts";
import { providerGate } from "./explicit-provider.ts";
import { preflight } from "./preflight/preflight.ts";
import { withPreviewHook } from "./preflight/registered.ts";
import { countFromQuery } from "./query-results.ts";
import { refuseImport } from "./refuse-import.ts";
import { refuseSecretText } from "./reviewed-text.ts";

/** One cancellation of a set. */
export interface SetCancellation {
    /** The GUID of the machine action to cancel, in any case. No two entries may have the same one. */
    machineActionId: pulumi.Input<string>;
    /** The values that the reviewer approved, as for a single cancellation. */
    expect?: pulumi.Input<MachineActionExpectation | undefined>;
    /** For this action only: a reviewed acknowledgement that it ran. It takes precedence over the set's value. */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal | undefined>;
    /** A note for reviewers; it is never sent. */
    note?: pulumi.Input<string | undefined>;
}

/** The inputs of a {@link MachineActionCancellationSet}. */
export interface MachineActionCancellationSetArgs {
    /** The machine actions to cancel, at most 5,000. */
    cancellations: pulumi.Input<pulumi.Input<SetCancellation>[]>;
    /** The reason for all cancellations of the set, with the same rules as for a single cancellation. */
    comment: pulumi.Input<string>;
    /** A set with more entries fails before anything is sent, to catch mistakes. Default 100, at most 5000. */
    maxCancellations?: pulumi.Input<number | undefined>;
    /** RFC 3339 time after which nothing is sent; as for a single cancellation. */
    notAfter?: pulumi.Input<string | undefined>;
    /** What to do with actions that already ended as Succeeded or Failed; `"fail"` by default. */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal | undefined>;
    /**
     * How to treat later actions of the same type on the same machines; `"drift"` by default. `"cancel"` cancels at
     * most one for each entry and run.
     */
    onReissue?: pulumi.Input<OnReissue | undefined>;
    /** How long after its cancellation a later action is a re-issue, in hours. Default 72, at most 8784. */
    reissueWindowHours?: pulumi.Input<number | undefined>;
    /**
     * How long `up` waits for the final status of each action after its cancel request, in seconds. Default 300, at
     * most 86400. The time that a long set waits for the API's quota does not count.
     */
    confirmWithinSeconds?: pulumi.Input<number | undefined>;
}

/** The result of one cancellation of a set: the outputs of a single cancellation, without those common to the run. */
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
    readonly title?: string;
    readonly externalId?: string;
    /** The file that the action is about. */
    readonly relatedFileInfo?: RelatedFileInfo;
    /** The commands of a live response in one line. */
    readonly commandSummary?: string;
    readonly creationDateTimeUtc?: string;
    readonly requestedAtUtc?: string;
    readonly confirmedAtUtc?: string;
    /** The code of the error, where the cancellation failed. */
    readonly failure?: string;
    /** The index in `evidence` of the run that sent the last cancel request. */
    readonly run?: number;
    readonly [more: string]: unknown;
}

/**
 * The cancellations of a fleet in one step of the engine. The file backends rewrite the whole state after each step, so
 * a thousand single resources take a thousand rewrites, and a set takes one.
 *
 * - `preview` reads all actions in few requests. It prints in one line how many it would cancel, and which it would
 *   not.
 * - `up` cancels all actions that are not final, at the pace of the API's quota, and proves each cancellation. It
 *   begins with those that are about to run. It attempts every action, and keeps every record. If any failed, the
 *   update then fails and names them. The next `up` processes only the unfinished entries.
 * - `refresh` reads the actions, and shows drift by action: `deviations: { "ID": "InProgress" }`.
 * - `up` cancels the action of an added entry, and drops the record of a removed entry without a call.
 * - `destroy` drops the record and sends no request. `retainOnDelete` is set unless the options set it.
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

    /** Whether the value is a MachineActionCancellationSet, from any copy of this package. */
    static override isInstance(value: unknown): value is MachineActionCancellationSet {
        return (
            typeof value === "object" &&
            value !== null &&
            (value as { __pulumiType?: unknown }).__pulumiType === MachineActionCancellationSet.__pulumiType
        );
    }

    /** The result of each cancellation, by the id of its action. */
    declare readonly results: pulumi.Output<Readonly<Record<string, SetResult>>>;
    /** The number of cancellations: `total`, by each outcome, `unproven`, and by each effect. */
    declare readonly counts: pulumi.Output<Readonly<Record<string, number>>>;
    /** The evidence that the cancel requests of a run have in common, for each run, the first run first. */
    declare readonly evidence: pulumi.Output<readonly RunEvidence[]>;

    constructor(name: string, args: MachineActionCancellationSetArgs, opts?: pulumi.CustomResourceOptions) {
        const given = { ...opts, retainOnDelete: opts?.retainOnDelete ?? true };
        refuseImport(name, given);
        const gate = providerGate(reference.text, given);
        const props: pulumi.Inputs = {
            results: undefined,
            counts: undefined,
            evidence: undefined,
            // The lifecycle's check sets it, so that a preview can see whether the engine checked the resource.
            desiredStatus: undefined,
            ...args,
            comment: refuseSecretText(args),
            fromQuery: countFromQuery(args.cancellations),
            declaredBy: `${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
            __provider: gate.input,
        };
        super(reference.type, name, props, withPreviewHook(given));
        gate.judge(this);
        preflight(this, this.counts, reference, planSet);
    }
}
