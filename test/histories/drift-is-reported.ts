import type { MachineActionRow } from "../../simulator/index.ts";
import type { Step, StoredState } from "../helpers/engine-rules.ts";
import { isFinal, isOver, must, reissuesOf } from "./holds.ts";
import type { World } from "./world.ts";

/** The re-issues of an action that stand now, by the definition and by what is recorded of it. */
function standing(world: World, own: MachineActionRow, state: StoredState): MachineActionRow[] {
    const { inputs, outputs } = state;
    if (inputs.onReissue === "ignore") {
        return [];
    }
    const time = (text: unknown) => Date.parse(String(text));
    // The window begins with the cancellation on record: whoever cancels the action anew does not open another.
    const cancelledAt = [
        outputs.cancellationDateTimeUtc,
        own.cancellationDateTimeUtc,
        outputs.requestedAtUtc,
        outputs.confirmedAtUtc,
    ]
        .map(time)
        .find((at) => !Number.isNaN(at));
    const until = (cancelledAt ?? 0) + 3_600_000 * Number(inputs.reissueWindowHours ?? 72);
    const recorded = reissuesOf(state).map(({ id }) => id);
    return world.simulator.actions().filter((row) => {
        const createdAt = time(row.creationDateTimeUtc);
        const isReissue =
            row.id !== own.id &&
            own.machineId !== null &&
            row.machineId === own.machineId &&
            row.type === own.type &&
            createdAt > time(own.creationDateTimeUtc) &&
            createdAt <= until &&
            world.now() <= until + 24 * 3_600_000 &&
            !(isFinal(row.status) && time(row.lastUpdateDateTimeUtc) < (cancelledAt ?? 0));
        return (isReissue || recorded.includes(row.id)) && !isOver(row.status);
    });
}

/** Whether an answer to this command showed the action as one that goes on. */
function wasShownOpen(
    world: World,
    id: string,
    counts: (one: World["exchanges"][number]) => boolean = () => true,
): boolean {
    return world.exchanges.some(
        (one) => one.command === world.command && counts(one) && one.shown.has(id) && !isOver(one.shown.get(id)),
    );
}

/** Every drift is reported by the refresh after it, and nothing else is. */
export function driftIsReported(world: World, steps: readonly Step[]): void {
    const isQuiet = world.faultsHit(world.command) === 0;
    // Two actions that the stack declares are no re-issues of each other. But a refresh reads one resource after
    // another: it may report a declared action whose own resource is read later.
    const declared = new Set(steps.map(({ before }) => before?.id));
    for (const { name, before, after, changes, error } of steps) {
        const own = world.row(before?.id ?? "");
        if (!before || !after || !own) {
            continue;
        }
        const isReported = changes || error !== undefined || after.initErrors.length > 0;
        // A 404 that the API should not have given: the refresh can only say what it was told.
        const isMissing = world
            .said(world.command)
            .some((line) => line.includes(`${own.id} is no longer known to the API`));
        const isTold = isReported || (isMissing && !isQuiet);
        const seen = [name, own, before, after, world.said(world.command)] as const;
        must(isFinal(own.status) || isTold, "a refresh passes over an action that goes on", ...seen);
        const ranAsAccepted =
            before.outputs.outcome === "tooLate" ||
            (before.inputs.ifAlreadyFinal === "accept" && before.outputs.confirmedAtUtc === undefined);
        must(
            !isFinal(own.status) || isOver(own.status) || ranAsAccepted || isTold,
            "a refresh passes over an action that ran",
            ...seen,
        );
        if (!isOver(own.status)) {
            continue;
        }
        const open = standing(world, own, after);
        const missable = open.filter(({ id }) => !declared.has(id));
        const isSaid = world.said(world.command).some((line) => line.includes(`re-issues of machine action ${own.id}`));
        // A list without a count can leave out a row unnoticed, and the run says that its lists have none.
        const isLeftOut =
            world.said(world.command).some((line) => line.includes("$count was refused")) &&
            !missable.some(({ id }) => wasShownOpen(world, id, ({ isAround }) => isAround));
        must(
            missable.length === 0 || isReported || ((isSaid || isLeftOut) && !isQuiet),
            "a refresh passes over a re-issue",
            ...seen,
            missable,
        );
        if (open.length > 0 && changes && isQuiet) {
            const shown = String(after.inputs.desiredStatus);
            must(
                open.some(({ id }) => shown.includes(id)),
                "a re-issue is not named",
                shown,
                open,
            );
        }
        // It may have ended while the refresh waited for others, after the list that showed it.
        const wasOpen = reissuesOf(after).some(({ id }) => wasShownOpen(world, id));
        must(
            open.length > 0 || wasOpen || !isReported || !isQuiet,
            "a refresh reports a drift that is none",
            ...seen,
            error?.message,
        );
    }
}
