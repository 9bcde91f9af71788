import { isObject } from "../../provider/input-rules.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/provider-reference.ts";
import { CliError } from "../exit-codes.ts";
import type { Check } from "./check.ts";

const texts = new Map([machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]));

interface Found {
    /** The resource's URN, or where in the export it stands. */
    readonly where: string;
    readonly text: unknown;
    readonly expected: string | undefined;
}

/**
 * Compares every `__provider` in a stack export, wherever it stands, with the one text that this package writes. The
 * plugin runs that text, with the token at hand, in `refresh --preview-only` too.
 */
export function stateCheck(json: string, name: string): Check {
    let state: unknown;
    try {
        state = JSON.parse(json);
    } catch {
        throw new CliError(`${name} holds no JSON`);
    }
    const found = [...providersIn(state, name, undefined)];
    const wrong = found.filter(({ text, expected }) => text !== expected);
    const bare = [...bareResources(state)];
    if (wrong.length + bare.length === 0) {
        const detail = `${name}: ${found.length} provider texts, all as this package writes them`;
        return { name: "state", verdict: "ok", detail };
    }
    const lines = [
        ...wrong.map(({ where, expected }) =>
            expected === undefined
                ? `${where} is a dynamic resource of another kind: its text runs in the plugin, with the token`
                : `${where} has a provider text that this package did not write: it would run with the token`,
        ),
        ...bare.map((urn) => `${urn} has no provider text`),
    ];
    return { name: "state", verdict: "fail", detail: [...new Set(lines)].join("; ") };
}

function* providersIn(value: unknown, where: string, type: string | undefined): Generator<Found> {
    if (Array.isArray(value)) {
        for (const inner of value) {
            yield* providersIn(inner, where, type);
        }
    } else if (isObject(value)) {
        const isResource = typeof value.urn === "string" && typeof value.type === "string";
        const [place, kind] = isResource ? [String(value.urn), String(value.type)] : [where, type];
        for (const [key, inner] of Object.entries(value)) {
            if (key === "__provider") {
                yield { where: place, text: inner, expected: texts.get(kind ?? "") };
            } else if (!(isResource && key === "propertyDependencies")) {
                // Those are lists of URNs by the names of inputs.
                yield* providersIn(inner, place, kind);
            }
        }
    }
}

/** Resources of this package that lack the text, and so could not be refreshed. */
function* bareResources(value: unknown): Generator<string> {
    if (Array.isArray(value)) {
        for (const inner of value) {
            yield* bareResources(inner);
        }
    } else if (isObject(value)) {
        const { urn, type, inputs, outputs } = value;
        if (typeof urn === "string" && texts.has(String(type))) {
            const isWhole = [inputs, outputs].every((part) => !isObject(part) || "__provider" in part);
            if (!isWhole) {
                yield urn;
            }
        }
        for (const inner of Object.values(value)) {
            yield* bareResources(inner);
        }
    }
}
