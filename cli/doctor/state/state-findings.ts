import { typeOf } from "../../../provider/model/resource-types.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import { setResultsOf } from "../../state/set-rows.ts";
import type { Allowance, Finding } from "./finding.ts";
import type { KindContext } from "./kind-parts.ts";
import { resourceFields, typeOfUrn } from "./resource-fields.ts";
import { kindFaults } from "./resource-kinds.ts";
import { secretsFaults } from "./secrets-providers.ts";

/**
 * All content of a stack export that is not allowed. The CLI acts on a state before any program runs, even in `refresh
 * --preview-only`: it starts the plugins that the providers name, and the SDK's plugin runs the provider texts, with
 * the token in its environment. So any unknown content is refused.
 */
export function* stateFindings(state: unknown, name: string, allowed: ReadonlySet<Allowance>): Generator<Finding> {
    if (!isObject(state) || !("deployment" in state || "version" in state) || !isObject(state.deployment ?? {})) {
        yield { where: name, seen: "is no stack export", expected: "the output of `pulumi stack export`" };
        return;
    }
    // A new stack may have no deployment.
    const deployment = isObject(state.deployment) ? state.deployment : {};
    yield* partFindings(state, name, {
        version: isOneOf(3, 4),
        features: isListOf(isOneOf("refreshBeforeUpdate", "hooks", "taint", "replaceWith", "byteString", "views")),
        deployment: isObject,
    });
    yield* partFindings(deployment, `${name}: deployment`, {
        manifest: isObject,
        secrets_providers: isObject,
        resources: isListOf(isObject),
        pending_operations: isListOf(isObject),
        metadata: isEmpty,
        snippets: isEmpty,
        extensions: isEmpty,
    });
    if (isObject(deployment.manifest)) {
        // The CLI would use the plugins of old manifests for resources without a provider.
        const text = (value: unknown) => typeof value === "string";
        const parts = { time: text, magic: text, version: text, plugins: isEmpty };
        yield* partFindings(deployment.manifest, `${name}: manifest`, parts);
    }
    for (const fault of secretsFaults(deployment.secrets_providers)) {
        yield { where: `${name}: secrets_providers`, ...fault };
    }
    yield* resourcesFindings(deployment, name, allowed);
}

/** Whether a part of the export may have this value. */
type PartRule = (value: unknown) => boolean;

const isOneOf = (...values: readonly unknown[]): PartRule => values.includes.bind(values);
const isListOf =
    (isFine: PartRule): PartRule =>
    (value) =>
        Array.isArray(value) && value.every(isFine);
const isEmpty: PartRule = (value) => typeof value === "object" && Object.keys(value ?? {}).length === 0;

function* partFindings(part: Properties, where: string, rules: Readonly<Record<string, PartRule>>): Generator<Finding> {
    for (const [key, value] of Object.entries(part)) {
        const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
        if (!rule) {
            yield { where, seen: `has ${describeValue(key)}`, expected: Object.keys(rules).join(", ") };
        } else if (value !== null && !rule(value)) {
            yield {
                where,
                seen: `has ${describeValue(value)} as ${key}`,
                expected: "a value as in the states of this package",
            };
        }
    }
}

function* resourcesFindings(deployment: Properties, name: string, allowed: ReadonlySet<Allowance>): Generator<Finding> {
    const operations = listOf(deployment.pending_operations);
    for (const [index, operation] of operations.entries()) {
        yield* partFindings(operation, `${name}: pending_operations[${index}]`, {
            resource: isObject,
            type: isOneOf("creating", "updating", "deleting", "reading", "importing"),
        });
    }
    const pending = operations.map(({ resource }) => resource).filter(isObject);
    const resources = [...listOf(deployment.resources), ...pending];
    const context: KindContext = {
        allowed,
        pending: new Set(pending),
        sets: setResultsOf(resources),
        withRows: new Set(resources.map(({ viewOf }) => viewOf)),
        urns: new Set(resources.map(({ urn }) => String(urn))),
        providers: new Map(resources.map(({ urn, id, type }) => [`${urn}::${id}`, String(type)])),
    };
    for (const [index, resource] of resources.entries()) {
        yield* resourceFindings(resource, `${name}: resources[${index}]`, context);
    }
}

function* resourceFindings(resource: Properties, place: string, context: KindContext): Generator<Finding> {
    const { urn, type } = resource;
    const where = typeof urn === "string" && urn !== "" ? urn : place;
    if (typeof type !== "string" || typeOfUrn(String(urn)) !== type) {
        yield { where, seen: `has the type ${describeValue(type)}`, expected: "a URN with the same type" };
    }
    const fieldContext = { urns: context.urns, isDynamic: typeOf(type)?.face === "dynamic", type: String(type) };
    for (const [key, value] of Object.entries(resource)) {
        const rule = Object.hasOwn(resourceFields, key) ? resourceFields[key] : undefined;
        if (!rule) {
            yield {
                where,
                seen: `has the field ${describeValue(key)}`,
                expected: "only fields that the Pulumi CLI writes",
            };
            continue;
        }
        // Go writes an empty value or null for an absent field.
        const isAbsent = value === null || value === "" || isEmpty(value);
        const expected = isAbsent ? undefined : rule(value, fieldContext);
        if (expected !== undefined) {
            yield { where, seen: `has ${describeValue(value)} as ${key}`, expected };
        }
    }
    for (const fault of kindFaults(resource, context)) {
        yield { where, ...fault };
    }
}

function listOf(value: unknown): readonly Properties[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}
