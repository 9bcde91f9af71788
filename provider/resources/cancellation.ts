import * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../model/evidence.ts";
import type { MachineActionStatus } from "../model/machine-action.ts";
import { type AdoptedFrom, allOutputNames, type Effect, type Outcome } from "../model/outputs.ts";
import { machineActionCancellation as reference } from "../model/provider-reference.ts";
import type { Reissue } from "../model/reissue.ts";
import type { IfAlreadyFinal, OnReissue } from "../schema/input-rules.ts";
import { providerGate } from "./explicit-provider.ts";
import { preflight } from "./preflight/preflight.ts";
import { withPreviewHook } from "./preflight/registered.ts";
import { countFromQuery } from "./query-results.ts";

/** What a {@link MachineActionCancellation} asks for. */
export interface MachineActionCancellationArgs {
    /**
     * The machine action to cancel: its GUID, in any case; the lower case is kept. A change replaces the resource: the
     * new action is cancelled first, then the old record is dropped without an API call.
     */
    machineActionId: pulumi.Input<string>;
    /**
     * Why. Required, not blank, one line without control, bidirectional or invisible characters. It is sent as
     * `Comment`, followed by a tag that names the declaration: `[pulumi PROJECT/STACK/NAME DIGEST]`. Everyone who can
     * read Defender sees it, so a secret Output is refused. A changed comment is recorded; no API call is made.
     */
    comment: pulumi.Input<string>;
    /**
     * What the reviewer approved. It is compared, whatever the case, with the action as it is observed before anything
     * is sent; a difference fails with both values, in preview too. At least one property when given.
     */
    expect?: pulumi.Input<MachineActionExpectation>;
    /**
     * RFC 3339 time with its zone, such as `2026-05-04T18:00:00Z`. No cancel request is sent after it, by the later of
     * the runner's clock and the API's: a pull request that was merged too late does nothing. What is proven stays so.
     */
    notAfter?: pulumi.Input<string>;
    /**
     * What to do when the action already ended as Succeeded or Failed. `"fail"` (default) fails the update; `"accept"`
     * records it with outcome `tooLate`. TimeOut never fails: the action did not reach the machine.
     */
    ifAlreadyFinal?: pulumi.Input<IfAlreadyFinal>;
    /**
     * What a later action of the same type on the same machine means, inside `reissueWindowHours`. A refresh looks for
     * them. `"drift"` (default) shows the new id, and `up` fails until it is dealt with. `"cancel"` lets `up` cancel it:
     * it needs `notAfter` and `expect.requestor`, acts only until then and only on what that requestor issued, at most
     * once for each resource and run; anything else stays drift. `"ignore"` records it.
     */
    onReissue?: pulumi.Input<OnReissue>;
    /** How long after the cancellation a later action is a re-issue, in hours. Default 72, at most 8784. */
    reissueWindowHours?: pulumi.Input<number>;
    /**
     * How long after its own cancel request the final status is awaited, in seconds. Default 300, at most 86400. When
     * it runs out the update fails, the record is kept, and the next `pulumi up` goes on from there.
     */
    confirmWithinSeconds?: pulumi.Input<number>;
}

/** What is to be watched for: the inputs that have a meaning where nothing is sent. */
export type WatchedCancellationArgs = Pick<
    MachineActionCancellationArgs,
    "ifAlreadyFinal" | "onReissue" | "reissueWindowHours"
>;

/** Properties of a machine action that must be as approved; at least one. */
export interface MachineActionExpectation {
    type?: pulumi.Input<string>;
    machineId?: pulumi.Input<string>;
    computerDnsName?: pulumi.Input<string>;
    requestor?: pulumi.Input<string>;
    requestorComment?: pulumi.Input<string>;
}

/**
 * The cancellation of one Microsoft Defender for Endpoint machine action. Its id is the action's GUID.
 *
 * - `preview` reads: a line on the resource says what `up` would do. A preview never sends a cancel request.
 * - `up` observes the action, sends one cancel request unless it is final, and reads until a final status is proven by
 *   a read that began after the request was answered. It fails unless that is so; what was achieved stays in state.
 * - `refresh` reads: drift when the action is no longer Cancelled, shown as `desiredStatus`.
 * - `up` after drift cancels again.
 * - `destroy` drops the record without a call: a cancellation cannot be taken back. `retainOnDelete` is set unless
 *   the options say otherwise.
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

    /** Whether the value is a MachineActionCancellation, of whichever copy of this package. */
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
     * `preview`, `up` and `refresh` read the action and look for re-issues, and warn as long as it is not as wanted; a
     * cancel request is never sent. `preview` and `up` fail only where the action cannot be read. `destroy` makes no call.
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
    declare readonly creationDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly lastUpdateDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly cancellationRequestor: pulumi.Output<string | undefined>;
    declare readonly cancellationComment: pulumi.Output<string | undefined>;
    declare readonly cancellationDateTimeUtc: pulumi.Output<string | undefined>;
    declare readonly errorHResult: pulumi.Output<number | undefined>;
    /** How it ended; undefined while it is not proven, drift included. */
    declare readonly outcome: pulumi.Output<Outcome | undefined>;
    /** With outcome `adopted`: whether an earlier run of this declaration had cancelled it, as identity and tag show. */
    declare readonly adoptedFrom: pulumi.Output<AdoptedFrom | undefined>;
    /** What happened on the machine, as far as it is known; undefined while the end is not proven. */
    declare readonly effect: pulumi.Output<Effect | undefined>;
    /** The status that was seen before the cancel request was sent. */
    declare readonly statusBeforeCancel: pulumi.Output<string | undefined>;
    /** When the last cancel request was sent, RFC 3339. */
    declare readonly requestedAtUtc: pulumi.Output<string | undefined>;
    /** When the final status was last proven, RFC 3339. */
    declare readonly confirmedAtUtc: pulumi.Output<string | undefined>;
    /** Later actions of the same type on the same machine, as the refreshes saw them; undefined when there are none. */
    declare readonly reissues: pulumi.Output<Reissue[] | undefined>;
    /** The request and its proof; undefined when no request was sent. */
    declare readonly evidence: pulumi.Output<Evidence | undefined>;

    constructor(name: string, args: MachineActionCancellationArgs, opts?: pulumi.CustomResourceOptions) {
        const given = { ...opts, retainOnDelete: opts?.retainOnDelete ?? true };
        const gate = providerGate(reference.text, given);
        const outputs = Object.fromEntries(allOutputNames.map((output) => [output, undefined]));
        const props: pulumi.Inputs = {
            ...outputs,
            // Set by the lifecycle's check: a preview tells by it what the engine has looked at.
            desiredStatus: undefined,
            ...args,
            comment: refuseSecret(args.comment),
            fromQuery: opts?.id === undefined ? countFromQuery([args]) : undefined,
            declaredBy: `${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
            __provider: gate.input,
        };
        super(reference.type, name, props, withPreviewHook(given));
        gate.judge(this);
        preflight(this);
    }
}

/** Everyone who can read Defender would read the secret. Said before anything is registered, in preview too. */
export function refuseSecret(comment: pulumi.Input<string>): pulumi.Input<string> {
    if (!pulumi.Output.isInstance(comment)) {
        return comment;
    }
    const checked = pulumi.isSecret(pulumi.output(comment)).then((secret) => {
        if (secret) {
            throw new pulumi.RunError(
                "comment is a secret Output: expected plain text, because Defender shows it to everyone who can read it",
            );
        }
        return comment;
    });
    return pulumi.output(checked);
}
