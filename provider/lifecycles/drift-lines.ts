import type { KnownAction } from "../model/machine-action.ts";
import { maxNamed, namesBy } from "../model/machine-names.ts";
import type { Unresolved } from "../reissues/detect.ts";
import { shortText } from "../text/sanitize.ts";
import { wrapList } from "../text/wrap-list.ts";

/**
 * What a refresh found different from the declaration, in words. The engine's own display shows that a resource
 * changed, and with `--diff` every property of every action of a set, but in neither form which machines it is about.
 */

/** An action that deviates from its declaration. */
export interface Deviation {
    readonly machineActionId: string;
    readonly action: KnownAction;
    /** Its status now; undefined if the API does not have it. */
    readonly status: string | undefined;
    /** Whether it was once proven to be in the declared status. */
    readonly wasProven: boolean;
    /** Its re-issues, if the action itself is as declared. */
    readonly issuedAgain?: Unresolved | undefined;
}

/** Logs lines as one message on the resource that declares the cancellations. Resolves when the engine has the lines. */
export type LogOnResource = (declaredBy: unknown, lines: readonly string[]) => Promise<void> | void;

/** Those that run now come first, then those that are about to run. */
const order = ["InProgress", "Pending"];

/** The deviations of a resource in lines of at most 86 characters; none if there are no deviations. */
export function driftLines(deviations: readonly Deviation[], isSet: boolean): string[] {
    const again = deviations.filter(({ issuedAgain }) => issuedAgain !== undefined);
    const others = deviations.filter(({ issuedAgain }) => issuedAgain === undefined);
    const nameOf = namesOf(deviations);
    const linesOf = (what: string, some: readonly Deviation[]) =>
        some.length === 0
            ? []
            : wrapList(
                  `${isSet ? `${some.length} ` : ""}${what}:`,
                  named(some, statusOf(nameOf), ({ status }) => status),
              );
    return [
        ...linesOf(
            "not Cancelled any more",
            others.filter(({ wasProven }) => wasProven),
        ),
        ...linesOf(
            "not Cancelled",
            others.filter(({ wasProven }) => !wasProven),
        ),
        ...reissueLines(again, nameOf, isSet),
    ];
}

/**
 * What to do about the deviations, as the last line after {@link driftLines}. It promises no result, because a refresh
 * does not know the program that `up` will run: its `notAfter` and `onReissue` may be others than those of the last
 * update. An `up` that repairs the deviations shows this line too, so it says that the refresh found them.
 */
export const nextStepLine = "  As of the refresh. `pulumi up --refresh --run-program` cancels what it can and may.";

/** Names the requestor once if all re-issues have the same one. */
function reissueLines(again: readonly Deviation[], nameOf: NameOf, isSet: boolean): string[] {
    if (again.length === 0) {
        return [];
    }
    const requestors = new Set(again.map(requestorOf));
    const [only] = requestors;
    const by = requestors.size === 1 && only !== undefined ? ` by ${only}` : "";
    const itemOf = (deviation: Deviation) => {
        const { status } = deviation.issuedAgain?.listed[0] ?? {};
        const requestor = by === "" ? requestorOf(deviation) : undefined;
        return [
            nameOf(deviation),
            ...(status === undefined ? [] : [shortText(status, 30)]),
            ...(requestor === undefined ? [] : [`by ${requestor}`]),
        ].join(" ");
    };
    const heading = `${isSet ? `${again.length} ` : ""}issued again${by}:`;
    return wrapList(
        heading,
        named(again, itemOf, ({ issuedAgain }) => issuedAgain?.listed[0]?.status),
    );
}

function requestorOf({ issuedAgain }: Deviation): string | undefined {
    const { requestor } = issuedAgain?.listed[0] ?? {};
    return requestor === undefined ? undefined : shortText(requestor, 40);
}

function named(
    some: readonly Deviation[],
    itemOf: (deviation: Deviation) => string,
    statusIn: (deviation: Deviation) => string | undefined,
): string[] {
    const rank = (deviation: Deviation) => {
        const at = order.indexOf(statusIn(deviation) ?? "");
        return at === -1 ? order.length : at;
    };
    const sorted = [...some].sort((one, other) => rank(one) - rank(other));
    const rest = Map.groupBy(sorted.slice(maxNamed), (deviation) => shortText(statusIn(deviation) ?? "not found", 30));
    const counted = [...rest].map(([status, more]) => `and ${more.length} more ${status}`);
    return [...sorted.slice(0, maxNamed).map(itemOf), ...counted.slice(0, maxNamed)];
}

function statusOf(nameOf: NameOf): (deviation: Deviation) => string {
    return (deviation) =>
        `${nameOf(deviation)} ${deviation.status === undefined ? "not found" : shortText(deviation.status, 30)}`;
}

type NameOf = (deviation: Deviation) => string;

function namesOf(deviations: readonly Deviation[]): NameOf {
    const nameOf = namesBy(deviations, ({ action }) => action);
    return (deviation) => nameOf(deviation) ?? shortText(deviation.machineActionId, 40);
}
