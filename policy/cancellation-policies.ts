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
 * Creates the policies on cancellations, single ones and sets, for a policy pack. The policies check the declaration,
 * not the data in Defender. They give early feedback, and the owner of the pack controls them. The guard decides which
 * requests may be sent.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for an unknown rule or a wrong value.
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
        add(
            "require-expect",
            `The expect of a cancellation has ${fields}.`,
            onEachCancellation(lackingExpect(requireExpect)),
        );
    }
    if (maxNotAfterHours !== undefined) {
        const description = `The notAfter of a cancellation is at most ${maxNotAfterHours} h ahead.`;
        add("max-not-after", description, onEachResource(withoutNearLimit(maxNotAfterHours)));
    }
    if (allowTypes) {
        const description = "Only the allowed types of machine action are cancelled (expect.type).";
        add("allow-types", description, onEachCancellation(amongTypes(allowTypes)));
    }
    if (denyTypes) {
        const description = "The denied types of machine action are not cancelled (expect.type).";
        add("deny-types", description, onEachCancellation(deniedType(denyTypes)));
    }
    if (protectMachineIds) {
        const description = "Actions on the protected machines are not cancelled (expect.machineId).";
        add("protect-machine-ids", description, onEachCancellation(protectedMachine(protectMachineIds)));
    }
    const description = "The ids to cancel are written down, and not looked up while the program runs.";
    add("not-from-query", description, onEachResource(lookedUp));
    policies.push(ownProviderText());
    return policies;
}
