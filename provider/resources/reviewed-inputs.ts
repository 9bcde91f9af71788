import * as pulumi from "@pulumi/pulumi";

/**
 * One rule for all text that reviewers approve: a secret in `comment`, in `expect`, or in the `expect` of a set's entry
 * is refused, because Defender, the preview and the results show it. It throws before anything is registered, in a
 * preview too. A secret machineActionId is allowed.
 */
export function refuseSecret<T>(name: "comment" | "expect", input: T): T {
    return isPlain(input) ? input : (checked(input, (value) => (value === undefined ? undefined : name)) as T);
}

/** {@link refuseSecret} for the `expect` of each entry. Of a secret entry or list, each `expect` is secret. */
export function refuseSecretExpects<T>(cancellations: T): T {
    const inEntries = (value: unknown) => {
        const at = Array.isArray(value) ? value.findIndex(hasExpect) : -1;
        return at === -1 ? undefined : `cancellations[${at}].expect`;
    };
    if (!Array.isArray(cancellations)) {
        return isOutput(cancellations) ? (checked(cancellations, inEntries) as T) : cancellations;
    }
    return cancellations.map((entry: unknown, index) => {
        const name = `cancellations[${index}].expect`;
        if (isOutput(entry)) {
            return checked(entry, (value) => (hasExpect(value) ? name : undefined));
        }
        const { expect } = (entry ?? {}) as { expect?: unknown };
        return isPlain(expect) ? entry : { ...(entry as object), expect: checked(expect, () => name) };
    }) as T;
}

function hasExpect(entry: unknown): boolean {
    return (entry as { expect?: unknown } | null | undefined)?.expect !== undefined;
}

function isOutput(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Whether the value holds no Output and no promise at any depth. */
function isPlain(value: unknown): boolean {
    return typeof value !== "object" || value === null
        ? true
        : !isOutput(value) && Object.values(value).every((one) => isPlain(one));
}

/** `secretName`: the name of the secret in the resolved value; undefined if it may be secret. */
function checked(input: unknown, secretName: (value: unknown) => string | undefined): pulumi.Output<unknown> {
    const whole = pulumi.output(input as pulumi.Input<unknown>);
    const result = pulumi.isSecret(whole).then(async (secret) => {
        // The SDK does not declare the promise of an Output's value.
        const name = secret
            ? secretName(await (whole as unknown as { promise(): Promise<unknown> }).promise())
            : undefined;
        if (name !== undefined) {
            throw new pulumi.RunError(
                `${name} is a secret Output: expected plain text, because ${
                    name === "comment"
                        ? "everyone with read access to Defender sees the comment"
                        : "previews, errors and results show the values of expect; only machineActionId may be secret"
                }`,
            );
        }
        return whole;
    });
    return pulumi.output(result);
}
