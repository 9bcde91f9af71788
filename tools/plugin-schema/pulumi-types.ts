import { z } from "zod";
import { pluginName } from "../../provider/model/resource-types.ts";
import type { Shape } from "./documented.ts";

/** A type in the form of Pulumi's package schema. */
export interface TypeSpec {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: TypeSpec;
    readonly additionalProperties?: TypeSpec;
}

export interface PropertySpec extends TypeSpec {
    readonly description: string;
    readonly secret?: boolean;
    readonly willReplaceOnChanges?: boolean;
}

export interface ObjectSpec {
    readonly properties: Readonly<Record<string, PropertySpec>>;
    readonly required: readonly string[];
}

/** The named types of a schema, by token. */
export type Types = Record<string, ObjectSpec & { readonly type: "object"; readonly description: string }>;

/**
 * The properties in the form of Pulumi's package schema. Adds the named types that they refer to.
 *
 * A choice becomes a text, and its description has the values: an enum would take only its own constants in Go and in
 * typed Python, and a new value would break the generated SDKs.
 */
export function objectSpec(shape: Shape, types: Types): ObjectSpec {
    const { $defs = {}, ...root } = z.toJSONSchema(z.object(shape));
    for (const [name, schema] of Object.entries($defs)) {
        const { description = "" } = schema;
        types[tokenOf(name)] ??= { type: "object", description, ...propertiesOf(schema) };
    }
    return propertiesOf(root);
}

function tokenOf(name: string): string {
    return `${pluginName}:index:${name}`;
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

function propertiesOf({ properties = {}, required = [] }: JsonSchema): ObjectSpec {
    return {
        properties: Object.fromEntries(
            Object.entries(properties).map(([name, schema]) => {
                if (typeof schema === "boolean" || !schema.description) {
                    throw new Error(`the property ${name} has no description`);
                }
                const { secret, willReplaceOnChanges } = schema as Partial<PropertySpec>;
                return [
                    name,
                    {
                        ...typeSpec(schema),
                        description: schema.description,
                        ...(secret ? { secret } : {}),
                        ...(willReplaceOnChanges ? { willReplaceOnChanges } : {}),
                    },
                ];
            }),
        ),
        required: required.toSorted(),
    };
}

function typeSpec(schema: unknown): TypeSpec {
    const { $ref, type, items, additionalProperties } = schema as JsonSchema;
    if ($ref !== undefined) {
        return { $ref: `#/types/${tokenOf($ref.replace("#/$defs/", ""))}` };
    }
    switch (type) {
        case "string":
        case "boolean":
        case "integer":
        case "number":
            return { type };
        case "array":
            return { type, items: typeSpec(items) };
        case "object":
            return { type, additionalProperties: typeSpec(additionalProperties) };
        default:
            throw new Error(`no type of Pulumi's schema for ${JSON.stringify(schema)}`);
    }
}
