import { hasTagOfStack } from "../../provider/model/declaration.ts";
import type { Step } from "../helpers/engine-rules.ts";
import { isFinal, isOver, must } from "./holds.ts";
import { ourApp, project, type World } from "./world.ts";

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
        // An edit of what was proven before says nothing new, whatever another resource reads of the same action.
        if (before?.id === after.id && before.outputs.confirmedAtUtc === after.outputs.confirmedAtUtc) {
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
                    hasTagOfStack(row.cancellationComment ?? "", `${project}/${name}`)),
            "adopted from ourselves although it is not ours",
            ...seen,
        );
        must(row?.status !== "Succeeded" || effect === "ran", "what succeeded did run", ...seen);
        if (row?.status === "Cancelled" && effect === "prevented") {
            preventionIsSeen(world, id);
        }
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
            effect !== "prevented" || !(atWork || wasAtWork),
            "called prevented although it was seen at work",
            ...seen,
        );
    }
}

/** A cancellation that is called prevented has a fresh reading of Pending before it, and a proof soon after it. */
function preventionIsSeen(world: World, id: string): void {
    const own = world.exchanges.filter((one) => one.command === world.command && !one.isAround);
    const post = own.filter(({ actionId, sentAt }) => actionId === id && sentAt !== undefined).at(-1);
    const [sentAt, began, ended] = [post?.sentAt ?? 0, post?.began ?? 0, post?.ended ?? 0];
    const before = own.filter((one) => one.ended < began && one.shown.has(id)).at(-1);
    const proof = own.find((one) => one.began > ended && one.shown.get(id) === "Cancelled");
    const isFresh = before?.shown.get(id) === "Pending" && sentAt - before.answeredAt <= 15_000;
    const isSoon = post?.answered === "Cancelled" || (proof !== undefined && proof.askedAt - sentAt <= 60_000);
    must(
        post !== undefined && isFresh && isSoon,
        "called prevented without readings that show it",
        post,
        before,
        proof,
    );
}

/** What has just succeeded is as the next preview wants it. */
export function repairedIsSettled(steps: readonly Step[], planned: readonly Step[], lost: readonly string[]): void {
    for (const { name, error, operation, after } of steps) {
        const next = planned.find((one) => one.name === name);
        const hasSucceeded = !error && (operation === "create" || operation === "update") && !lost.includes(name);
        must(!hasSucceeded || !next?.changes, "a success that the next preview wants to change", name, after);
    }
}
