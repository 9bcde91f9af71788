/**
 * The modules of examples/sentinel. They are loaded by address, because the compiler checks an example by the example's
 * own settings.
 */
import type { TokenCredential } from "@azure/identity";

export type EventRow = Record<string, unknown> & { EventOriginalUid: string };

export interface Target {
    readonly endpoint: string;
    readonly ruleId: string;
    readonly stream: string;
    readonly audience: string;
}

export interface Failure {
    readonly kind: "retry" | "access";
    readonly message: string;
}

interface Modules {
    readonly columns: { readonly columns: Readonly<Record<string, string>> };
    readonly events: {
        readonly InputError: new (message: string) => Error;
        readonly maxRowBytes: number;
        parseEvents(text: string): EventRow[];
    };
    readonly failures: { signInFailure(error: unknown): Failure; uploadFailure(error: unknown): Failure };
    readonly queries: {
        readonly transformKql: string;
        readonly undeclaredQuery: string;
        readonly driftQuery: string;
    };
    readonly settings: { targetOf(env: Readonly<Record<string, string | undefined>>): Target };
    readonly upload: {
        upload(
            events: readonly EventRow[],
            target: Target,
            credential: TokenCredential,
            limits: { readonly firstPause: number; readonly deadline: number },
        ): Promise<{ readonly sent: number; readonly failures: readonly Failure[] }>;
    };
}

export const sentinelExample: URL = new URL("../../examples/sentinel/", import.meta.url);

export function loadModule<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
    return import(new URL(`${name}.ts`, sentinelExample).href);
}
