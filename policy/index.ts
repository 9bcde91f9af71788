/** Policies on declared cancellations, for a policy pack of `@pulumi/policy`. */
export { cancellationPolicies } from "./cancellation-policies.ts";
export type { CancellationPolicyArgs } from "./policy-args.ts";
