import * as pulumi from "@pulumi/pulumi";
import { unknownValue } from "../../schema/input-rules.ts";

/** The value of an Output; undefined where the preview does not know all of it. Rejects where a registration failed. */
export async function known<T>(output: pulumi.Output<T>): Promise<T | undefined> {
    const found = await settled(output);
    return found.isKnown ? found.value : undefined;
}

/**
 * A value without Outputs, as the plugin gets it, with {@link unknownValue} for each part that the preview does not
 * know.
 */
export async function plain(value: unknown): Promise<unknown> {
    if (pulumi.Output.isInstance(value)) {
        const found = await settled(value);
        return found.isKnown ? found.value : unknownValue;
    }
    if (pulumi.isUnknown(value)) {
        return unknownValue;
    }
    if (Array.isArray(value)) {
        return Promise.all(value.map(plain));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const entries = Object.entries(value).map(async ([name, one]) => [name, await plain(one)] as const);
    return Object.fromEntries(await Promise.all(entries));
}

type Settled<T> = { readonly isKnown: true; readonly value: T } | { readonly isKnown: false };

async function settled<T>(output: pulumi.Output<T>): Promise<Settled<T>> {
    let found: Settled<T> = { isKnown: false };
    // Resolves once the callback has run, or was skipped because a part of the value is not known.
    await pulumi.isSecret(
        output.apply((value) => {
            found = { isKnown: true, value: value as T };
        }),
    );
    return found;
}
