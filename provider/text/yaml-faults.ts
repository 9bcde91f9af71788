/** What the parser of YAML says of a text, in words: it tells of nesting without end by its own overflow. */
export function yamlFault(message: string): string {
    return /call stack|stack overflow/i.test(message) ? "nested too deeply" : message;
}
