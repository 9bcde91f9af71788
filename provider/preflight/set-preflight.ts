import * as pulumi from "@pulumi/pulumi";
import { isNotFound } from "../cancel/cancel-failures.ts";
import { shortDigest } from "../declaration.ts";
import { declaredTarget } from "../declared-target.ts";
import { howToApprove } from "../guard/denials.ts";
import type { Properties } from "../input-rules.ts";
import { checkSetInputs, entriesOf, type SetEntry, setDigest } from "../set/set-inputs.ts";
import { type Foresight, foresee } from "./foresight.ts";
import { summaryOf } from "./machine-notes.ts";
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

interface EntryForecast extends Foresight {
    /** The first words of the line, by which the entries are counted. */
    readonly kind: string;
}

async function lookAt(entries: ReadonlyMap<string, SetEntry>, round: Round): Promise<void> {
    const { say } = round;
    const digest = setDigest(entries);
    const forecasts = await Promise.all([...entries].map(([id, entry]) => forecastOf(id, entry, digest, round)));
    const counts = [...Map.groupBy(forecasts, ({ kind }) => kind)].map(([kind, some]) => `${some.length} ${kind}`);
    const exceptions = forecasts.filter(({ verdict }) => verdict !== "fine");
    const named = exceptions.slice(0, mostNamed).map(({ line }) => line);
    const more = exceptions.length > mostNamed ? [`and ${exceptions.length - mostNamed} more`] : [];
    const machines = summaryOf(forecasts.flatMap(({ machine }) => machine ?? []));
    const pairs = forecasts.flatMap((one) => one.pairs);
    const advice = forecasts.some(({ isApprovable }) => isApprovable) ? [howToApprove(digest, pairs)] : [];
    const parts = [`of ${entries.size} cancellations: ${counts.join(", ")}`, ...named, ...more, machines, ...advice];
    const worst = (["refused", "unexpected", "would fail"] as const).find((verdict) =>
        exceptions.some((one) => one.verdict === verdict),
    );
    say(`${parts.filter((part) => part !== "").join("; ")} [digest ${shortDigest(digest)}]`, worst ?? "fine");
}

async function forecastOf(
    id: string,
    { inputs }: SetEntry,
    digest: string,
    { session, explain }: Round,
): Promise<EntryForecast> {
    try {
        const target = { ...declaredTarget(id, inputs, {}), digest };
        const foreseen = await foresee(target, true, session);
        const kind = /^(?:notAfter has passed|[^:]*)/.exec(foreseen.line)?.[0] ?? foreseen.line;
        return { ...foreseen, line: `${id}: ${foreseen.line}`, kind };
    } catch (error) {
        const kind = isNotFound(error) ? "not found" : "could not look";
        return {
            line: isNotFound(error) ? `${id}: not found` : `${id}: could not look: ${explain(error)}`,
            verdict: "would fail",
            machine: undefined,
            isApprovable: false,
            pairs: [],
            kind,
        };
    }
}
