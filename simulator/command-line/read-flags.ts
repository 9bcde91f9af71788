import { parseArgs } from "node:util";
import { suggestion } from "../forms/nearest.ts";
import { scenarios } from "../game-day/scenarios.ts";
import { type Flag, flags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/** The flags of a command line. Each method throws a TypeError if the table has no flag of that name. */
export interface FlagValues {
    /** Whether a switch was given. */
    has(name: string): boolean;
    /** The value of a flag, the last one if it was given several times; undefined if it was not given. */
    value(name: string): string | undefined;
    /** All values of a flag, in their order. */
    values(name: string): readonly string[];
}

/** Reads the flags of a command line; throws a UsageError when it is invalid. */
export function readFlags(args: readonly string[], table: readonly Flag[] = flags): FlagValues {
    const { tokens } = parseArgs({
        args: [...args],
        options: Object.fromEntries(
            table.map(({ name, short, value }) => [
                name,
                { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) },
            ]),
        ),
        // The errors of the strict mode span several lines and suggest no flag.
        strict: false,
        tokens: true,
    });
    const given = new Map<string, string[]>(table.map(({ name }) => [name, []]));
    for (const token of tokens) {
        if (token.kind === "positional") {
            throw unexpected(token.value);
        }
        if (token.kind === "option") {
            const flag = table.find(({ name }) => name === token.name);
            if (flag === undefined) {
                throw unknownFlag(token.rawName, table);
            }
            given.get(flag.name)?.push(checkedValue(flag, token));
        }
    }

    function valuesOf(name: string): readonly string[] {
        const values = given.get(name);
        if (values === undefined) {
            throw new TypeError(`There is no flag --${name}.`);
        }
        return values;
    }

    return {
        has: (name) => valuesOf(name).length > 0,
        value: (name) => valuesOf(name).at(-1),
        values: valuesOf,
    };
}

function unexpected(value: string): UsageError {
    const meant = Object.hasOwn(scenarios, value)
        ? `did you mean --scenario ${value}?`
        : "flags begin with --; --help lists them";
    return new UsageError(`unexpected argument ${value}: ${meant}`);
}

function unknownFlag(rawName: string, table: readonly Flag[]): UsageError {
    const near = suggestion(
        rawName,
        table.map(({ name }) => `--${name}`),
    );
    return new UsageError(`unknown option ${rawName}${near || ": --help lists the options"}`);
}

/** The value of a flag on the command line; the empty string for a switch. */
function checkedValue(
    { name, value: placeholder }: Flag,
    { value, inlineValue }: { value: string | undefined; inlineValue: boolean | undefined },
): string {
    if (placeholder === undefined) {
        if (value !== undefined) {
            throw new UsageError(`--${name} takes no value: leave =${value} out`);
        }
        return "";
    }
    // A value that begins with a hyphen is more likely the next flag.
    if (value === undefined || value === "" || (inlineValue !== true && value.startsWith("-"))) {
        throw new UsageError(`--${name} has no value: write --${name} ${placeholder}`);
    }
    return value;
}
