import type { ResourceKind } from "../model/resource-types.ts";

/** The parts of a resource's URN, `urn:pulumi:STACK::PROJECT::TYPES::NAME`. */
export interface ResourceUrn {
    readonly urn: string;
    /** "project/stack/name", as the comment's tag and the state have it. */
    readonly declaredBy: string;
    /** The type token: the last of the types, which the types of the parents precede. */
    readonly type: string;
    readonly name: string;
    /** The URN of the stack itself, for lines that concern no single resource. */
    readonly stack: string;
}

/** The resource that a step is about. */
export interface StepResource extends ResourceUrn {
    readonly kind: ResourceKind;
}

/** Parses a URN. The name is the rest of the text, and may contain `::`. */
export function parseUrn(urn: string): ResourceUrn {
    const [, stack = "", project = "", types = "", name = ""] =
        /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn) ?? [];
    return {
        urn,
        declaredBy: `${project}/${stack}/${name}`,
        type: types.slice(types.lastIndexOf("$") + 1),
        name,
        stack: `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`,
    };
}
