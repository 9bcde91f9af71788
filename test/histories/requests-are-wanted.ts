import type { Properties } from "../../provider/schema/input-rules.ts";
import type { MachineActionRow } from "../../simulator/index.ts";
import type { Declared, Step } from "../helpers/engine-rules.ts";
import { cancelsOf, idOf, isAsExpected, isFinal, mayBeSent, must, same, utc } from "./holds.ts";
import { type Exchange, maxFactsAgeMs, type World } from "./world.ts";

/** Never a cancel request in preview, refresh or destroy; not even one that the provider did not want to send. */
export function nothingIsSent(world: World): void {
    const asked = world.exchanges.filter(({ kind, command }) => kind === "cancel" && command === world.command);
    must(asked.length === 0, "a cancel request where none may be", asked);
}

/** Whether a later action of the same kind on the same machine is one that the declaration lets be cancelled. */
function isFenced({ args }: Declared, later: MachineActionRow, at: number, world: World): boolean {
    const own = world.row(String(args.machineActionId));
    const { requestor } = (args.expect ?? {}) as Properties;
    return (
        own !== undefined &&
        args.onReissue === "cancel" &&
        args.notAfter !== undefined &&
        mayBeSent(args, at) &&
        own.id !== later.id &&
        own.type === later.type &&
        own.machineId !== null &&
        own.machineId === later.machineId &&
        own.creationDateTimeUtc < later.creationDateTimeUtc &&
        same(later.requestor, requestor)
    );
}

/**
 * Cancel requests go only to what is declared, as it was approved and in time, or to a fenced re-issue; each after a
 * read that began after the one before was answered, and that showed the action not final; and none while an earlier
 * one is being finished, before its time is over.
 */
export function requestsAreWanted(world: World, steps: readonly Step[]): void {
    const reissued = new Set<string>();
    for (const sent of cancelsOf(world)) {
        const { actionId = "", sentAt = 0, began } = sent;
        const row = world.row(actionId);
        if (!row) {
            throw new Error(`a cancel request to an action that is not there, ${actionId}`);
        }
        const declaring = world.program.filter((one) => idOf(one) === actionId);
        const approving = declaring.filter(({ args }) => isAsExpected(row, args.expect) && mayBeSent(args, sentAt));
        const fencing = world.program.filter((one) => isFenced(one, row, sentAt, world));
        must(approving.length + fencing.length > 0, "a cancel request that nobody declared", sent, row, world.program);
        if (declaring.length === 0) {
            reissued.add(actionId);
        }
        const earlier = world.exchanges.filter(
            (one) =>
                one.kind === "cancel" && one.actionId === actionId && one.ended < began && one.sentAt !== undefined,
        );
        const last = earlier.at(-1);
        const looks = world.exchanges.filter(
            (one) =>
                one.command === world.command &&
                one.began > (last?.ended ?? 0) &&
                one.ended < began &&
                one.shown.has(actionId) &&
                !isFinal(one.shown.get(actionId)),
        );
        must(looks.length > 0, "a cancel request without a look at what became of the one before", last, sent);
        const age = sentAt - (looks.at(-1)?.answeredAt ?? 0);
        must(age <= 15_000, `a cancel request on a reading that is ${age} ms old`, looks.at(-1), sent);
        const protectedAt = world.protectedAt.get(row.machineId ?? "");
        const isProtected = row.machineId === null || sentAt - (protectedAt ?? sentAt) > maxFactsAgeMs;
        must(!world.isGuarded || !isProtected, "a cancel request past the guard", sent, row, protectedAt);
        const resumed = world.resumed.get(actionId) ?? 0;
        const patience = Math.min(
            10_000,
            ...[...declaring, ...fencing].map(({ args }) => 1_000 * Number(args.confirmWithinSeconds ?? 300)),
        );
        // That there is one can be known from the API, or from the state; else it is as if it had never been.
        const isKnown = (one: Exchange) =>
            Date.parse(row.cancellationDateTimeUtc ?? "") >= (one.sentAt ?? 0) ||
            steps.some(
                ({ before }) => before?.id === actionId && before.outputs.requestedAtUtc === utc(one.sentAt ?? 0),
            );
        const finishing = earlier.filter((one) => one.wasTaken && one.ended > resumed && isKnown(one)).at(-1);
        must(
            finishing === undefined || sentAt - (finishing.sentAt ?? 0) >= patience,
            "a cancel request while the one before is being finished",
            finishing,
            sent,
        );
    }
    const fences = world.program.filter(({ args }) => args.onReissue === "cancel");
    must(reissued.size <= fences.length, "more re-issues cancelled than one for each resource", [...reissued]);
}
