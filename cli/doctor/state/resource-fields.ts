import { typeOf } from "../../../provider/model/resource-types.ts";
import { preflightHookName } from "../../../provider/resources/preflight/hook-name.ts";
import { isObject } from "../../../provider/schema/input-rules.ts";

/** The context in which a field of a resource is checked. */
export interface FieldContext {
    /** The URNs of all resources of the state. */
    readonly urns: ReadonlySet<string>;
    /** Whether the resource is a dynamic resource of this package, for which programs register a hook. */
    readonly isDynamic: boolean;
    readonly type: string;
}

/** Returns the expected value of a field; undefined where the field is correct. */
type FieldRule = (value: unknown, context: FieldContext) => string | undefined;

const text: FieldRule = (value) => (typeof value === "string" ? undefined : "text");
const flag: FieldRule = (value) => (typeof value === "boolean" ? undefined : "true or false");
const texts: FieldRule = (value) => (isListOf(value, (one) => typeof one === "string") ? undefined : "a list of texts");
const properties: FieldRule = (value) => (isObject(value) ? undefined : "an object");
const absent: FieldRule = () => "no such field in a state of this package";

/** An empty URN counts as an absent one. */
const isKnown = (value: unknown, { urns }: FieldContext) => value === "" || urns.has(String(value));
const urn: FieldRule = (value, context) =>
    isKnown(value, context) ? undefined : "the URN of a resource of this state";
const urns: FieldRule = (value, context) =>
    isListOf(value, (one) => isKnown(one, context)) ? undefined : "URNs of resources of this state";

function isListOf(value: unknown, isFine: (one: unknown) => boolean): value is readonly unknown[] {
    return Array.isArray(value) && value.every(isFine);
}

/**
 * All fields that the CLI writes for a resource: ResourceV3 in
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go. Any other field is refused, because Go
 * accepts names in any case, and a later CLI may give a new name a meaning.
 */
export const resourceFields: Readonly<Record<string, FieldRule>> = {
    urn: text,
    type: text,
    custom: flag,
    delete: flag,
    id: text,
    // The rules of the resource's kind check the content of these three.
    inputs: properties,
    outputs: properties,
    provider: text,
    parent: urn,
    protect: flag,
    taint: flag,
    external: flag,
    dependencies: urns,
    initErrors: texts,
    propertyDependencies: (value, context) =>
        isObject(value) && Object.values(value).every((list) => list === null || urns(list, context) === undefined)
            ? undefined
            : "URNs of resources of this state",
    pendingReplacement: flag,
    additionalSecretOutputs: texts,
    aliases: (value, { type }) =>
        isListOf(value, (one) => isSameKind(typeOfUrn(String(one)), type)) ? undefined : `URNs of the type ${type}`,
    customTimeouts: (value) =>
        isObject(value) && Object.values(value).every((one) => typeof one === "number" || typeof one === "string")
            ? undefined
            : "times",
    importID: text,
    retainOnDelete: flag,
    deletedWith: urn,
    replaceWith: urns,
    created: text,
    modified: text,
    sourcePosition: text,
    stackTrace: (value) =>
        isListOf(
            value,
            (frame) =>
                isObject(frame) &&
                Object.entries(frame).every(([name, one]) => name === "sourcePosition" && typeof one === "string"),
        )
            ? undefined
            : "a list of positions",
    ignoreChanges: texts,
    hideDiff: (value) =>
        isListOf(value, (path) => isListOf(path, (step) => ["string", "number"].includes(typeof step)))
            ? undefined
            : "a list of paths",
    replaceOnChanges: texts,
    replacementTrigger: (value) => (isObject(value) || Array.isArray(value) ? "a plain value" : undefined),
    refreshBeforeUpdate: flag,
    // The rule of the resource's kind checks what may be a row.
    viewOf: urn,
    resourceHooks: (value, { isDynamic }) =>
        isDynamic &&
        isObject(value) &&
        Object.values(value).every((names) => isListOf(names, (name) => name === preflightHookName))
            ? undefined
            : `no hook but "${preflightHookName}", and only on dynamic resources of this package`,
    extensionRef: absent,
    snippetID: absent,
};

/** Whether an alias of this type is for a resource of that type. A resource can be moved from one face to the other. */
function isSameKind(alias: string | undefined, type: string): boolean {
    const [from, to] = [typeOf(alias), typeOf(type)];
    return alias === type || (from !== undefined && from.kind === to?.kind);
}

/** The type in a URN, `urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME`. The engine uses this type. */
export function typeOfUrn(text: string): string | undefined {
    const [head = "", , types, name] = text.split("::");
    return head.startsWith("urn:pulumi:") && name !== undefined ? types?.split("$").at(-1) : undefined;
}
