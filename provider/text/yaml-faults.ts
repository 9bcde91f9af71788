/** What the parser of YAML says of a text, in words: for nesting without end it gives the stack overflow of its own. */
export function yamlFault({ code, message }: { readonly code: string; readonly message: string }): string {
    return code === "RESOURCE_EXHAUSTION" ? "nested too deeply" : message;
}
