import { shortDigest, tagIn } from "../../provider/model/declaration.ts";
import { resultsIn } from "../../provider/schema/stored-set.ts";
import { clockSkewMs, timeOf } from "../state/moments.ts";
import { type CancellationEntry, isSet, runsOf } from "../state/records.ts";
import type { StateResource } from "../state/stack-state.ts";

/** A set stores times in whole seconds. */
const secondMs = 1_000;

/**
 * Why the values of a request's record contradict one another; undefined if they do not. A record has the same moment
 * in several places, so an edited time, or a result that was moved, contradicts another value.
 */
export function contradictionIn(entry: CancellationEntry): string | undefined {
    const { evidence, requestedAtUtc, confirmedAtUtc, outcome } = entry;
    const { commentSent, digest, observedAtUtc, postDate } = evidence;
    const requested = timeOf(requestedAtUtc) ?? Number.NaN;
    const [observed, posted, confirmed] = [observedAtUtc, postDate, confirmedAtUtc].map(timeOf);
    switch (true) {
        case evidence.posts === undefined || evidence.posts < 1:
            return "it counts no request";
        case digest === undefined || tagIn(commentSent).digest !== shortDigest(digest):
            return "the comment that it sent does not have the tag of its declaration";
        // At least one call of the quota lies between the reading and the request.
        case observed !== undefined && (requested < observed - secondMs || requested > observed + clockSkewMs):
            return "its request does not follow its reading";
        case posted !== undefined && Math.abs(posted - requested) > clockSkewMs:
            return "its request and the answer have different times";
        case outcome === "cancelled" && confirmed !== undefined && confirmed < requested - secondMs:
            return "its proof is older than its request";
        default:
            return isSet(entry.resource) ? contradictionInRun(entry, requested) : undefined;
    }
}

function contradictionInRun({ resource, result }: CancellationEntry, requested: number): string | undefined {
    const run = typeof result.run === "number" ? runsOf(resource)[result.run] : undefined;
    const [first, last] = [timeOf(run?.firstRequestUtc), timeOf(run?.lastRequestUtc)];
    if (run === undefined || first === undefined || last === undefined) {
        return "it names no run";
    }
    if (requested < first - secondMs || requested > last + secondMs) {
        return "its request is not within its run";
    }
    return (resultsOfRuns(resource).get(result.run) ?? 0) > run.requested
        ? "more results name its run than the run requested"
        : undefined;
}

const counts = new WeakMap<StateResource, ReadonlyMap<unknown, number>>();

/**
 * The number of results of each run of a set. Counted once for each set, because a set can have thousands of results.
 */
function resultsOfRuns(resource: StateResource): ReadonlyMap<unknown, number> {
    const known = counts.get(resource);
    if (known !== undefined) {
        return known;
    }
    const groups = Map.groupBy(resultsIn(resource.outputs).values(), ({ run }) => run);
    const counted = new Map([...groups].map(([run, { length }]) => [run, length] as const));
    counts.set(resource, counted);
    return counted;
}
