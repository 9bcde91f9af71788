import type { Step } from "../helpers/engine-rules.ts";
import { isAsExpected, isFinal, isOver, mayBeSent, must, reissuesOf } from "./holds.ts";
import type { World } from "./world.ts";

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
            ERR_DEFENDER_DENIED:
                world.isGuarded &&
                (row?.machineId == null || world.protectedAt.has(row.machineId)) &&
                (wasOpen || isReissued),
        };
        must(reasons[code] ?? false, `${name} failed without need: ${error.message}`, row, after);
    }
}
