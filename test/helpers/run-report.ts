import type { EngineRun } from "./engine.ts";

/** A line of the diagnostics that the CLI prints at the end of a run. */
export interface Diagnostic {
    readonly level: "info" | "warning" | "error";
    readonly text: string;
}

/**
 * The diagnostics of a run for each resource, by its name. The plugin's output is under the name of the stack,
 * `incident-test`. Each line appears once.
 */
export function diagnosticsOf({ output }: EngineRun): ReadonlyMap<string, readonly Diagnostic[]> {
    const found = new Map<string, Diagnostic[]>();
    let lines: Diagnostic[] | undefined;
    let level: Diagnostic["level"] = "info";
    for (const line of output.split("\n")) {
        const [, name] = /^ {2}\S+ \((.+)\):\s*$/.exec(line) ?? [];
        const [, prefix, isItem, text = ""] = /^ {4}\s*(?:(warning|error): )?(\* )?(.*\S)\s*$/.exec(line) ?? [];
        if (name !== undefined) {
            lines = found.get(name) ?? [];
            found.set(name, lines);
        } else if (/^\S/.test(line)) {
            lines = undefined;
        } else if (lines && text !== "") {
            // The reasons of a partial failure are items below a line that only counts them.
            level = (prefix as "warning" | "error" | undefined) ?? (isItem ? level : "info");
            const isHeading = /^\d+ errors? occurred:$|is in an unhealthy state:$/.test(text);
            if (!isHeading && !lines.some((known) => known.text === text && known.level === level)) {
                lines.push({ level, text });
            }
        }
    }
    return found;
}

/** The change of an input that `--diff` shows for a resource: `"before" => "after"`; undefined when there is none. */
export function shownChange({ output }: EngineRun, name: string, input: string): string | undefined {
    const [, ...blocks] = output.split(`::${name}]\n`);
    return blocks
        .map((block) => block.split(/\[urn=/, 1)[0] ?? "")
        .map((block) => new RegExp(`^ *~ ${input} *: (.*)$`, "m").exec(block)?.[1])
        .find((change) => change !== undefined);
}
