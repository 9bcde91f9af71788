import { isObject } from "../../../provider/schema/input-rules.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import type { Fault } from "./property-values.ts";

/** The allowed key services (https://www.pulumi.com/docs/iac/concepts/secrets/#available-encryption-providers). */
const keySchemes = ["awskms:", "azurekeyvault:", "gcpkms:", "hashivault:"];

/**
 * Checks the secrets provider of a state. No secrets provider runs code of the state, but the CLI signs in to the
 * service that the provider names. `b64` is refused, because it stores secrets unencrypted.
 */
export function* secretsFaults(provider: unknown): Generator<Fault> {
    if (!isObject(provider)) {
        return;
    }
    const { type, state = {}, ...rest } = provider;
    const [strange] = Object.keys(rest);
    if (strange !== undefined) {
        yield { seen: `has ${describeValue(strange)}`, expected: "type and state" };
    }
    const names = typeof type === "string" && Object.hasOwn(stateNames, type) ? stateNames[type] : undefined;
    if (!names) {
        yield { seen: `is of the type ${describeValue(type)}`, expected: Object.keys(stateNames).join(", ") };
        return;
    }
    const values = isObject(state) ? state : {};
    for (const name of Object.keys(values).filter((one) => !names.includes(one))) {
        yield { seen: `has ${describeValue(name)} in its state`, expected: names.join(", ") };
    }
    if (type !== "passphrase" && values.url !== undefined && !isFit(type, values.url)) {
        yield {
            seen: `has the url ${describeValue(values.url)}`,
            expected: type === "cloud" ? `one of ${keySchemes.join("//, ")}//, and no endpoint in it` : "an https URL",
        };
    }
}

const stateNames: Readonly<Record<string, readonly string[]>> = {
    passphrase: ["salt"],
    cloud: ["url", "encryptedkey"],
    service: ["url", "owner", "project", "stack"],
};

function isFit(type: unknown, url: unknown): boolean {
    const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed || parsed.username || parsed.password) {
        return false;
    }
    const isEndpoint = [...parsed.searchParams.keys()].some((name) => /endpoint/i.test(name));
    return type === "cloud" ? keySchemes.includes(parsed.protocol) && !isEndpoint : parsed.protocol === "https:";
}
