import type { ResourceValidation, ResourceValidationPolicy } from "@pulumi/policy";
import { onEachCancellation, onEachResource } from "./on-each.ts";
import { type CancellationPolicyArgs, checkArgs } from "./policy-args.ts";
import { ownProviderText } from "./provider-text.ts";
import {
    amongTypes,
    deniedType,
    lackingExpect,
    lookedUp,
    protectedMachine,
    withoutNearLimit,
    withoutTicket,
} from "./rules.ts";
import { stackLimit } from "./stack-limit.ts";

/**
 * The policies of a pack on cancellations, single ones and sets. They see what is declared, not what Defender shows, and
 * belong to the owner of the pack: early feedback. The guard decides what may be sent.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for a rule that does not exist, or a value that makes none.
 *
 * @example
 * ```ts
 * new PolicyPack("incidents", {
 *     policies: cancellationPolicies({ ticket: /^INC-\d+: /, maxPerStack: 200, maxNotAfterHours: 24 }),
 * });
 * ```
 */
export function cancellationPolicies(args: CancellationPolicyArgs = {}): ResourceValidationPolicy[] {
    checkArgs(args);
    const { ticket, maxPerStack, requireExpect, maxNotAfterHours, allowTypes, denyTypes, protectMachineIds } = args;
    const policies: ResourceValidationPolicy[] = [];
    const add = (name: string, description: string, validateResource: ResourceValidation) => {
        const enforcementLevel = args.enforcementLevel ?? "mandatory";
        policies.push({ name: `cancellation-${name}`, description, enforcementLevel, validateResource });
    };
    if (ticket) {
        add("ticket", "The comment of a cancellation names its ticket.", onEachResource(withoutTicket(ticket)));
    }
    if (maxPerStack !== undefined) {
        add("max-per-stack", `A stack declares at most ${maxPerStack} cancellations.`, stackLimit(maxPerStack));
    }
    if (requireExpect) {
        const fields = requireExpect.join(", ");
        add("require-expect", `A cancellation expects ${fields}.`, onEachCancellation(lackingExpect(requireExpect)));
    }
    if (maxNotAfterHours !== undefined) {
        const description = `A cancellation is sent within ${maxNotAfterHours} h or not at all, by its notAfter.`;
        add("max-not-after", description, onEachResource(withoutNearLimit(maxNotAfterHours)));
    }
    if (allowTypes) {
        const description = "Only some types of machine action are cancelled, by expect.type.";
        add("allow-types", description, onEachCancellation(amongTypes(allowTypes)));
    }
    if (denyTypes) {
        const description = "Some types of machine action are not cancelled, by expect.type.";
        add("deny-types", description, onEachCancellation(deniedType(denyTypes)));
    }
    if (protectMachineIds) {
        const description = "Actions on some machines are not cancelled, by expect.machineId.";
        add("protect-machine-ids", description, onEachCancellation(protectedMachine(protectMachineIds)));
    }
    const description = "What is cancelled is written down, and not looked up as the program runs.";
    add("not-from-query", description, onEachResource(lookedUp));
    policies.push(ownProviderText());
    return policies;
}
