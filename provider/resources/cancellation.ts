import * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../model/evidence.ts";
import type { MachineActionStatus, RelatedFileInfo } from "../model/machine-action.ts";
import { type AdoptedFrom, allOutputNames, type Effect, type Outcome } from "../model/outputs.ts";
import { machineActionCancellation as reference } from "../model/provider-reference.ts";
import type { Reissue, ReissueCounts } from "../model/reissue.ts";
import { planSingle } from "../plan/plan-resource.ts";
import type { IfAlreadyFinal, OnReissue } from "../schema/input-rules.ts";
import { providerGate } from "./explicit-provider.ts";
import { preflight } from "./preflight/preflight.ts";
import { withPreviewHook } from "./preflight/registered.ts";
import { countFromQuery } from "./query-results.ts";
import { refuseImport } from "./refuse-import.ts";
import { refuseSecretText } from "./reviewed-text.ts";

/** The inputs of a {@link MachineActionCancellation}. */
export interface MachineActionCancellationArgs {
    /**
     * The GUID of the machine action to cancel, in any case. It is stored in lower case. A change replaces the
     * resource: the new action is cancelled first, then the old record is dropped without an API call.
     */
    machineActionId: pulumi.Input<string>;
    /**
     * The reason for the cancellation. Required, not blank, one line without control, bidirectional or invisible
     * characters. It is sent as `Comment`, followed by the tag `[pulumi PROJECT/STACK/NAME DIGEST]`, which names the
     * declaration. A secret Output is refused, because everyone with read access to Defender sees the comment. A
     * changed comment is recorded without an API call.
     */
    comment: pulumi.Input<string>;
    /**
     * The values that the reviewer approved, at least one. They are compared, ignoring case, with the observed action
     * before anything is sent. A difference fails the update and the preview, and the message has both values. A secret
     * Output, whole or in a property, is refused, because messages and records show these values.
     */
    expect?: pulumi.Input<MachineActionExpectation>;
    /**
     * RFC 3339 time with its zone, such as `2026-05-04T18:00:00Z`. No cancel request is sent after it, so a pull
     * request that is merged too late does nothing. The later of the runner's clock and the API's clock counts. A
     * cancellation that is already proven stays proven.
     */
    notAfter?: pulumi.Input<string>;
    /**
     * What to do when the action already ended as Succeeded or Failed. `"fail"` (default) fails the update; `"accept"`
     * records it with outcome `tooLate`. An action that timed out never makes the update fail, because it did not reach
     * the machine.
     */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal>;
    /**
     * How to treat a later action of the same type on the same machine, within `reissueWindowHours`. A refresh looks
     * for such actions. `"drift"` (default) shows the new id, and `up` fails until someone resolves it. `"cancel"` lets
     * `up` cancel it. This requires `notAfter` and `expect.requestor`: `up` cancels only until `notAfter`, only an
     * action of that requestor, and at most one for each resource and run. Any other re-issue stays drift. `"ignore"`
     * records it.
     */
    onReissue?: pulumi.Input<OnReissue>;
    /** How long after the cancellation a later action is a re-issue, in hours. Default 72, at most 8784. */
    reissueWindowHours?: pulumi.Input<number>;
    /**
     * How long `up` waits for the final status after its cancel request, in seconds. Default 300, at most 86400. When
     * this time runs out, the update fails, the record is kept, and the next `pulumi up` continues from it.
     */
    confirmWithinSeconds?: pulumi.Input<number>;
}

/** The inputs of a cancellation that is only watched. The other inputs have no meaning where nothing is sent. */
export type WatchedCancellationArgs = Pick<
    MachineActionCancellationArgs,
    "ifAlreadyFinal" | "onReissue" | "reissueWindowHours"
>;

/** Properties of a machine action that must match the approved values; at least one. */
export interface MachineActionExpectation {
    type?: pulumi.Input<string>;
    machineId?: pulumi.Input<string>;
    computerDnsName?: pulumi.Input<string>;
    /** The user's name or the application's display name, as the API shows it; `actions --json` lists them. */
    requestor?: pulumi.Input<string>;
    requestorComment?: pulumi.Input<string>;
    /** The hash of the file that the action is about: `relatedFileInfo.fileIdentifier`. */
    relatedFile?: pulumi.Input<string>;
    externalId?: pulumi.Input<string>;
}

/**
 * The cancellation of one Microsoft Defender for Endpoint machine action. Its id is the action's GUID.
 *
 * - `preview` reads the action and prints on the resource what `up` would do. It never sends a cancel request.
 * - `up` reads the action, and sends one cancel request unless the action is final. It then reads until a read that
 *   began after the request was answered proves a final status. Without that proof `up` fails, and the state keeps what
 *   is known.
 * - `refresh` reads the action, and shows drift as `desiredStatus` when the action is no longer Cancelled.
 * - `up` after drift cancels again.
 * - `destroy` drops the record without a call, because a cancellation cannot be taken back. `retainOnDelete` is set
 *   unless the options set it.
 *
 * Errors carry a code; `docs/errors.md` lists them.
 *
 * @example
 * ```ts
 * new MachineActionCancellation("ws-0417", {
 *     machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
 *     comment: "INC-4711: playbook 12 isolated the wrong machines",
 * });
 * ```
 */
export class MachineActionCancellation extends pulumi.CustomResource {
    /** @internal */
    static readonly __pulumiType: string = reference.type;

    /** Whether the value is a MachineActionCancellation, from any copy of this package. */
    static override isInstance(value: unknown): value is MachineActionCancellation {
        return (
            typeof value === "object" &&
            value !== null &&
            (value as { __pulumiType?: unknown }).__pulumiType === MachineActionCancellation.__pulumiType
        );
    }

    /**
     * A cancellation that is only watched. `id`: the machine action's GUID.
     *
     * `preview`, `up` and `refresh` read the action and look for re-issues. They warn while the action has not ended as
     * declared, or was issued again. They never send a cancel request. `preview` and `up` fail only where the action
     * cannot be read. `destroy` makes no call.
     */
    static get(
        name: string,
        id: pulumi.Input<string>,
        args: WatchedCancellationArgs = {},
        opts?: pulumi.CustomResourceOptions,
    ): MachineActionCancellation {
        return new MachineActionCancellation(
            name,
            { ...args, comment: "", machineActionId: id },
            { ...opts, id: pulumi.output(id).apply((known) => known.toLowerCase()) },
        );
    }

    /** The action's GUID, lower case. */
    declare readonly machineActionId: pulumi.Output<string>;
    /** The comment as declared, without the tag. */
    declare readonly comment: pulumi.Output<string>;
    declare readonly status: pulumi.Output<MachineActionStatus>;
    declare readonly type: pulumi.Output<string | undefined>;
    declare readonly machineId: pulumi.Output<string | undefined>;
    declare readonly computerDnsName: pulumi.Output<string | undefined>;
    declare readonly requestor: pulumi.Output<string | undefined>;
    declare readonly requestorComment: pulumi.Output<string | undefined>;
    declare readonly requestSource: pulumi.Output<string | undefined>;
    declare readonly scope: pulumi.Output<string | undefined>;
    declare readonly title: pulumi.Output<string | undefined>;
    declare readonly externalId: pulumi.Output<string | undefined>;
    /** The file that the action is about, such as that of a StopAndQuarantineFile. */
    declare readonly relatedFileInfo: pulumi.Output<RelatedFileInfo | undefined>;
    /** The commands of a live response in one line, such as "RunScript ScriptName=collect.ps1". */
    declare readonly commandSummary: pulumi.Output<string | undefined>;
    declare readonly creationDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly lastUpdateDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly cancellationRequestor: pulumi.Output<string | undefined>;
    declare readonly cancellationComment: pulumi.Output<string | undefined>;
    declare readonly cancellationDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly errorHResult: pulumi.Output<number | undefined>;
    /** How the cancellation ended; undefined until it is proven, and during drift. */
    declare readonly outcome: pulumi.Output<Outcome | undefined>;
    /** With outcome `adopted`: whether an earlier run of this stack cancelled it, judging by identity and tag. */
    declare readonly adoptedFrom: pulumi.Output<AdoptedFrom | undefined>;
    /** What happened on the machine, as far as it is known; undefined until the final status is proven. */
    declare readonly effect: pulumi.Output<Effect | undefined>;
    /** The status that was seen before the cancel request was sent. */
    declare readonly statusBeforeCancel: pulumi.Output<string | undefined>;
    /** When the last cancel request was sent, RFC 3339. */
    declare readonly requestedAtUtc: pulumi.Output<string | undefined>;
    /** When the final status was last proven, RFC 3339. */
    declare readonly confirmedAtUtc: pulumi.Output<string | undefined>;
    /**
     * Later actions of the same type on the same machine that the stack does not declare, as the refreshes saw them: the
     * newest 20. Undefined when there are none.
     */
    declare readonly reissues: pulumi.Output<Reissue[] | undefined>;
    /** How many re-issues there are, where there are more than `reissues` lists. */
    declare readonly reissueCounts: pulumi.Output<ReissueCounts | undefined>;
    /** The request and its proof; undefined when no request was sent. */
    declare readonly evidence: pulumi.Output<Evidence | undefined>;

    constructor(name: string, args: MachineActionCancellationArgs, opts?: pulumi.CustomResourceOptions) {
        const given = { ...opts, retainOnDelete: opts?.retainOnDelete ?? true };
        refuseImport(name, given);
        const gate = providerGate(reference.text, given);
        const outputs = Object.fromEntries(allOutputNames.map((output) => [output, undefined]));
        const props: pulumi.Inputs = {
            ...outputs,
            // The lifecycle's check sets it, so that a preview can see whether the engine checked the resource.
            desiredStatus: undefined,
            ...args,
            comment: refuseSecretText(args),
            fromQuery: opts?.id === undefined ? countFromQuery([args]) : undefined,
            declaredBy: `${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
            __provider: gate.input,
        };
        super(reference.type, name, props, withPreviewHook(given));
        gate.judge(this);
        preflight(this, this.status, reference, planSingle);
    }
}
