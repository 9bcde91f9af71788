import type { Variables } from "./played-job.ts";

type Value = string | boolean;

const functions: Readonly<Record<string, (...args: Value[]) => boolean>> = {
    and: (...args) => args.every((arg) => arg === true),
    eq: (one, other) => sameText(one, other),
    ne: (one, other) => !sameText(one, other),
    in: (one, ...others) => others.some((other) => sameText(one, other)),
    not: (arg) => arg === false,
    always: () => true,
    canceled: () => false,
};

/** Azure DevOps compares texts without regard to case. */
function sameText(one: Value | undefined, other: Value | undefined): boolean {
    return String(one).toLowerCase() === String(other).toLowerCase();
}

/** Evaluates a condition of Azure Pipelines, as far as this pipeline uses them. */
export function holds(condition: string, variables: Variables): boolean {
    const tokens = condition.match(/variables\['[^']*'\]|'[^']*'|\w+|[(),]/g) ?? [];
    let at = 0;
    function value(): Value {
        const token = tokens[at++] ?? "";
        const variable = /^variables\['(.*)'\]$/.exec(token)?.[1];
        if (variable !== undefined) {
            return variables[variable] ?? "";
        }
        if (token.startsWith("'")) {
            return token.slice(1, -1);
        }
        const call = functions[token];
        if (call === undefined || tokens[at++] !== "(") {
            throw new Error(`the test plays no ${token} in a condition`);
        }
        const args: Value[] = [];
        while (tokens[at] !== ")") {
            args.push(value());
            if (tokens[at] === ",") {
                at++;
            }
        }
        at++;
        return call(...args);
    }
    return value() === true;
}
