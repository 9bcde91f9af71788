import * as pulumi from "@pulumi/pulumi";
import { isNotFound } from "../cancel/cancel-failures.ts";
import { shortDigest } from "../declaration.ts";
import { declaredTarget } from "../declared-target.ts";
import type { Properties } from "../input-rules.ts";
import { checkSetInputs, entriesOf, type SetEntry, setDigest } from "../set/set-inputs.ts";
import { type Forecast, forecast } from "./forecast.ts";
import { gather, known, type Round } from "./rounds.ts";

/** The set that a line is about, as far as preflight knows it. */
export type PreflightSet = pulumi.CustomResource & {
    readonly counts: pulumi.Output<Readonly<Record<string, number>>>;
};

/** More names than these nobody reads in one line. */
const mostNamed = 10;

/**
 * In a preview, says on the line of the set what `up` would do: how many would be cancelled and how many not, with the
 * first of those that are not as wanted by name. It reads in the program's own process and sends nothing.
 */
export function preflightSet(resource: PreflightSet, args: object): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    void known(pulumi.output(args)).then((inputs) => {
        // What is not known yet, or wrong, the lifecycle's check and the next preview deal with.
        const checked = inputs && checkSetInputs(inputs as Properties);
        if (checked && checked.failures.length === 0) {
            const entries = entriesOf(checked.inputs);
            void gather({
                resource,
                needed: () => isUnproven(resource),
                look: (round) => lookAt(entries, round),
            });
        }
    });
}

/** Not where the stack holds the proof of all, and the preview leaves the set as it is: only then it knows the counts. */
async function isUnproven({ counts }: PreflightSet): Promise<boolean> {
    try {
        const stored = await known(counts);
        return stored?.unproven !== 0;
    } catch {
        // The registration failed.
        return false;
    }
}

interface EntryForecast extends Forecast {
    /** The first words of the line, by which the entries are counted. */
    readonly kind: string;
}

async function lookAt(entries: ReadonlyMap<string, SetEntry>, round: Round): Promise<void> {
    const { say } = round;
    const forecasts = await Promise.all([...entries].map(([id, entry]) => forecastOf(id, entry, round)));
    const counts = [...Map.groupBy(forecasts, ({ kind }) => kind)].map(([kind, some]) => `${some.length} ${kind}`);
    const exceptions = forecasts.filter(({ verdict }) => verdict !== "fine");
    const named = exceptions.slice(0, mostNamed).map(({ line }) => line);
    const more = exceptions.length > mostNamed ? [`and ${exceptions.length - mostNamed} more`] : [];
    const verdicts = new Set(exceptions.map(({ verdict }) => verdict));
    const line = [`of ${entries.size} cancellations: ${counts.join(", ")}`, ...named, ...more].join("; ");
    say(
        `${line} [digest ${shortDigest(setDigest(entries))}]`,
        verdicts.has("unexpected") ? "unexpected" : verdicts.size > 0 ? "would fail" : "fine",
    );
}

async function forecastOf(id: string, { inputs }: SetEntry, { session, explain }: Round): Promise<EntryForecast> {
    try {
        const { action, date } = await session.observer.observe(id);
        const now = Math.max(session.clock.now(), Date.parse(date ?? "") || 0);
        const { line, verdict } = forecast(action, declaredTarget(id, inputs, {}), now);
        const kind = /^(?:notAfter has passed|[^:]*)/.exec(line)?.[0] ?? line;
        return { line: `${id}: ${line}`, verdict, kind };
    } catch (error) {
        const kind = isNotFound(error) ? "not found" : "could not look";
        return {
            line: isNotFound(error) ? `${id}: not found` : `${id}: could not look: ${explain(error)}`,
            verdict: "would fail",
            kind,
        };
    }
}
