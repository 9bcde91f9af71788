import { hasTagOfStack } from "../../provider/model/declaration.ts";
import type { Step, StoredState } from "../helpers/engine-rules.ts";
import { cancelsOf, idOf, must, reissuesOf, utc } from "./holds.ts";
import { type Exchange, project, type World } from "./world.ts";

const postsOf = (state: StoredState | undefined) =>
    Number((state?.outputs.evidence as { posts?: number } | undefined)?.posts ?? 0);

/** What was sent is in state, and what was in state stays there, unless another action took its name. */
export function nothingIsLost(world: World, steps: readonly Step[], lost: readonly string[]): void {
    const declared = new Set([
        ...steps.flatMap(({ before, after }) => [before?.id, after?.id]),
        ...world.program.map(idOf),
    ]);
    // What the stack declares, or has cancelled itself, has or had a record of its own.
    const isOurs = (id: string) => {
        const { status, cancellationComment } = world.row(id) ?? {};
        return declared.has(id) || (status === "Cancelled" && hasTagOfStack(cancellationComment ?? "", `${project}/c`));
    };
    for (const { name, before, after } of steps.filter((step) => !lost.includes(step.name))) {
        if (before && after && before.id !== after.id) {
            continue;
        }
        const ids = new Set(reissuesOf(after).map(({ id }) => id));
        must(before === undefined || after !== undefined, "a resource went from the state by itself", name, before);
        must(
            reissuesOf(before).every(({ id }) => ids.has(id) || isOurs(id)),
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
