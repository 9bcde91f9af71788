/** Policies on declared cancellations, for a policy pack of `@pulumi/policy`. */
export { type CancellationPolicyArgs, cancellationPolicies } from "./cancellation-policies.ts";
