import type { Properties } from "../../provider/cancellation-lifecycle.ts";
import { hasTagOf } from "../../provider/declaration.ts";
import type { MachineActionRow } from "../../simulator/index.ts";
import type { Declared, Step, StoredState } from "./engine-rules.ts";
import { type Exchange, ourApp, project, type World } from "./model-world.ts";

/** What must hold after each command, whatever happened before. Each throws with what it saw. */

const finals = ["Cancelled", "TimeOut", "Succeeded", "Failed"];
const isFinal = (status: string | undefined) => finals.includes(status ?? "");
const isOver = (status: string | undefined) => status === "Cancelled" || status === "TimeOut";
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();

function must(holds: boolean, what: string, ...seen: readonly unknown[]): void {
    if (!holds) {
        throw new Error([what, ...seen.map((one) => JSON.stringify(one))].join("\n    "));
    }
}

const idOf = ({ args }: Declared) => String(args.machineActionId);
const same = (one: unknown, other: unknown) => String(one).toLowerCase() === String(other).toLowerCase();
const cancelsOf = (world: World, command = world.command) =>
    world.exchanges.filter((one) => one.kind === "cancel" && one.command === command && one.sentAt !== undefined);

/** Never a cancel request in preview, refresh or destroy; not even one that the provider did not want to send. */
export function nothingIsSent(world: World): void {
    const asked = world.exchanges.filter(({ kind, command }) => kind === "cancel" && command === world.command);
    must(asked.length === 0, "a cancel request where none may be", asked);
}

/** What a lifecycle throws is for people: a code, one line, no stack, and never a slip of ours. */
export function errorsAreSpoken(steps: readonly Step[]): void {
    for (const { name, operation, error } of steps) {
        must(
            error === undefined || (/^ERR_DEFENDER_[A-Z_]+: \S/.test(error.message) && error.stack === ""),
            `${name} failed in ${operation} with an error that is none of ours`,
            error?.message,
            error?.stack,
        );
    }
}

function isAsExpected(row: MachineActionRow, expect: unknown): boolean {
    return Object.entries((expect ?? {}) as Properties).every(([name, value]) =>
        same(row[name as keyof MachineActionRow], value),
    );
}

function mayBeSent({ notAfter }: Properties, at: number): boolean {
    return typeof notAfter !== "string" || at <= Date.parse(notAfter);
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

/** The last status that a read of this command showed of an action. */
function lastSeen(world: World, id: string): string | undefined {
    return world.exchanges
        .filter(({ command, shown }) => command === world.command && shown.has(id))
        .at(-1)
        ?.shown.get(id);
}

/** A success is Cancelled, or TimeOut, or was accepted; and its outputs say neither more nor less than was seen. */
export function successIsTrue(world: World, steps: readonly Step[]): void {
    for (const { name, operation, before, after, error } of steps) {
        const args = world.program.find((one) => one.name === name)?.args ?? {};
        const id = String(args.machineActionId);
        if (error || !after || (operation !== "create" && operation !== "update") || !lastSeen(world, id)) {
            continue;
        }
        const { status, outcome, effect, adoptedFrom } = after.outputs;
        const row = world.row(id);
        const seen = [name, after.outputs, row] as const;
        const isAccepted = args.ifAlreadyFinal === "accept" && isFinal(row?.status);
        must(isOver(row?.status) || isAccepted, "a success whose action goes on, or ran", ...seen);
        must(status === row?.status, "a success with another status than the action's", ...seen);
        const outcomes: Record<string, unknown[]> = {
            Cancelled: ["cancelled", "adopted"],
            TimeOut: ["expired"],
            Succeeded: ["tooLate"],
            Failed: ["tooLate"],
        };
        must(outcomes[row?.status ?? ""]?.includes(outcome) ?? false, "an outcome that does not fit", ...seen);
        const asked = world.exchanges.some((one) => one.actionId === id && one.mayBeTaken);
        must(outcome !== "cancelled" || asked, "a cancellation that we never asked for", ...seen);
        must(
            adoptedFrom !== "ourselves" ||
                (row?.cancellationRequestor === ourApp &&
                    hasTagOf(row.cancellationComment ?? "", `${project}/${name}`)),
            "adopted from ourselves although it is not ours",
            ...seen,
        );
        must(row?.status !== "Succeeded" || effect === "ran", "what succeeded did run", ...seen);
        const atWork = world.exchanges.some(
            ({ command, shown, isAround }) =>
                command === world.command &&
                !isAround &&
                shown.has(id) &&
                shown.get(id) !== "Pending" &&
                !isFinal(shown.get(id)),
        );
        const wasAtWork =
            before?.id === id && before.outputs.status !== "Pending" && !isFinal(String(before.outputs.status));
        must(
            row?.status !== "Cancelled" || effect !== "prevented" || !(atWork || wasAtWork),
            "called prevented although it was seen at work",
            ...seen,
        );
    }
}

interface Reissued {
    readonly id: string;
    readonly requestedAtUtc?: string;
}
const reissuesOf = (state: StoredState | undefined) => (state?.outputs.reissues ?? []) as Reissued[];
const postsOf = (state: StoredState | undefined) =>
    Number((state?.outputs.evidence as { posts?: number } | undefined)?.posts ?? 0);

/** What was sent is in state, and what was in state stays there, unless another action took its name. */
export function nothingIsLost(world: World, steps: readonly Step[], lost: readonly string[]): void {
    for (const { name, before, after } of steps.filter((step) => !lost.includes(step.name))) {
        if (before && after && before.id !== after.id) {
            continue;
        }
        const ids = new Set(reissuesOf(after).map(({ id }) => id));
        must(before === undefined || after !== undefined, "a resource went from the state by itself", name, before);
        must(
            reissuesOf(before).every(({ id }) => ids.has(id)),
            "a re-issue went from the record",
            name,
            before,
            after,
        );
        must(postsOf(after) >= postsOf(before), "evidence went from the record", name, before, after);
    }
    if (lost.length > 0) {
        return;
    }
    const latest = new Map<string, Exchange>();
    for (const sent of cancelsOf(world).filter(({ mayBeTaken }) => mayBeTaken)) {
        latest.set(sent.actionId ?? "", sent);
    }
    for (const [actionId, { sentAt = 0 }] of latest) {
        const isRecorded = steps.some(
            ({ after }) =>
                (after?.id === actionId && after.outputs.requestedAtUtc === utc(sentAt)) ||
                reissuesOf(after).some((one) => one.id === actionId && one.requestedAtUtc === utc(sentAt)),
        );
        must(isRecorded, "a cancel request that no record holds", actionId, utc(sentAt), steps);
    }
}

/** The re-issues of an action that stand now, by the definition and by what is recorded of it. */
function standing(world: World, own: MachineActionRow, { inputs, outputs }: StoredState): MachineActionRow[] {
    if (inputs.onReissue === "ignore") {
        return [];
    }
    const time = (text: unknown) => Date.parse(String(text));
    const cancelledAt = [own.cancellationDateTimeUtc, outputs.requestedAtUtc, outputs.confirmedAtUtc]
        .map(time)
        .find((at) => !Number.isNaN(at));
    const until = (cancelledAt ?? 0) + 3_600_000 * Number(inputs.reissueWindowHours ?? 72);
    const recorded = ((outputs.reissues ?? []) as { id: string }[]).map(({ id }) => id);
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

/** Every drift is reported by the refresh after it, and nothing else is. */
export function driftIsReported(world: World, steps: readonly Step[]): void {
    const isQuiet = world.faultsHit(world.command) === 0;
    for (const { name, before, after, changes, error } of steps) {
        const own = world.row(before?.id ?? "");
        if (!before || !after || !own) {
            continue;
        }
        const isReported = changes || error !== undefined || after.initErrors.length > 0;
        const seen = [name, own, before, after, world.said(world.command)] as const;
        must(isFinal(own.status) || isReported, "a refresh passes over an action that goes on", ...seen);
        const ranAsAccepted =
            before.outputs.outcome === "tooLate" ||
            (before.inputs.ifAlreadyFinal === "accept" && before.outputs.confirmedAtUtc === undefined);
        must(
            !isFinal(own.status) || isOver(own.status) || ranAsAccepted || isReported,
            "a refresh passes over an action that ran",
            ...seen,
        );
        if (!isOver(own.status)) {
            continue;
        }
        const open = standing(world, own, after);
        const isSaid = world.said(world.command).some((line) => line.includes(`re-issues of machine action ${own.id}`));
        must(
            open.length === 0 || isReported || (isSaid && !isQuiet),
            "a refresh passes over a re-issue",
            ...seen,
            open,
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
        must(
            open.length > 0 || !isReported || !isQuiet,
            "a refresh reports a drift that is none",
            ...seen,
            error?.message,
        );
    }
}

/** Without a fault and without an interruption, `up` fails only for a reason that lies in the fleet. */
export function failuresAreNeeded(world: World, steps: readonly Step[]): void {
    for (const { name, after, error } of steps) {
        const args = world.program.find((one) => one.name === name)?.args;
        if (!args || !error) {
            continue;
        }
        const id = String(args.machineActionId);
        const row = world.row(id);
        const [code = ""] = error.message.split(":");
        // By whoever read it: a resource may have given up before another brought about the end.
        const seen = (one: string, isMeant: (status: string | undefined) => boolean) =>
            world.exchanges.some(
                ({ command, shown }) => command === world.command && shown.has(one) && isMeant(shown.get(one)),
            );
        const wasOpen = seen(id, (status) => !isFinal(status));
        const hasRun = seen(id, (status) => status === "Succeeded" || status === "Failed");
        const isReissued = reissuesOf(after).some((one) => seen(one.id, (status) => !isOver(status)));
        const isLate = !mayBeSent(args, world.now());
        const reasons: Record<string, boolean> = {
            ERR_DEFENDER_NOT_FOUND: row === undefined,
            ERR_DEFENDER_UNEXPECTED: row !== undefined && !isAsExpected(row, args.expect),
            ERR_DEFENDER_TOO_LATE: hasRun || isReissued,
            ERR_DEFENDER_PAST_NOT_AFTER: isLate && (wasOpen || isReissued),
            ERR_DEFENDER_NOT_CONFIRMED: wasOpen || isReissued,
            ERR_DEFENDER_REISSUED: isReissued,
        };
        must(reasons[code] ?? false, `${name} failed without need: ${error.message}`, row, after);
    }
}

/** What has just succeeded is as the next preview wants it. */
export function repairedIsSettled(steps: readonly Step[], planned: readonly Step[], lost: readonly string[]): void {
    for (const { name, error, operation, after } of steps) {
        const next = planned.find((one) => one.name === name);
        const hasSucceeded = !error && (operation === "create" || operation === "update") && !lost.includes(name);
        must(!hasSucceeded || !next?.changes, "a success that the next preview wants to change", name, after);
    }
}
