import { PassThrough } from "node:stream";
import test from "ava";
import { isApproved } from "../../../cli/apply/approval.ts";
import type { CliHost } from "../../../cli/host.ts";
import type { PlannedEntry } from "../../../provider/plan/describe-set.ts";
import type { PlannedCancellation } from "../../../provider/plan/planned-cancellation.ts";
import { recordedClock } from "../../helpers/recorded-clock.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const action = (status: string) => ({ id: "id", status, creationDateTimeUtc: "2026-05-05T06:20:00Z", commands: [] });
const plans = {
    cancel: { kind: "cancel", action: action("Pending"), now },
    cancelled: { kind: "alreadyCancelled", action: action("Cancelled") },
    tooLate: { kind: "tooLate", action: action("Succeeded"), isAccepted: false },
    accepted: { kind: "tooLate", action: action("Succeeded"), isAccepted: true },
    unread: { kind: "couldNotLook", why: "ERR_DEFENDER_SERVER: HTTP 503" },
} as const satisfies Record<string, PlannedCancellation>;

const planned = (counts: Partial<Record<keyof typeof plans, number>>): PlannedEntry[] =>
    Object.entries(counts).flatMap(([name, count]) =>
        Array.from({ length: count }, (_, nth) => ({
            id: `${name}-${nth}`,
            plan: plans[name as keyof typeof plans],
        })),
    );

/** The question, and whether this answer approves the plan. */
async function ask(counts: Parameters<typeof planned>[0], typed: string) {
    const [stdin, stderr] = [new PassThrough(), new PassThrough()];
    const stop = new AbortController().signal;
    const host: CliHost = { env: {}, cwd: "/", stdin, stdout: new PassThrough(), stderr, clock: recordedClock(), stop };
    stdin.end(`${typed}\n`);
    const isYes = await isApproved(planned(counts), "incident/prod/playbook-12", host);
    return [String(stderr.read()), isYes];
}

test("where the others are cancelled already, one that is too late does not prevent their record", async (t) => {
    t.deepEqual(await ask({ cancelled: 59, tooLate: 1 }, "0"), [
        "Type 0 to record 59 that need no cancel request and 1 failure as incident/prod/playbook-12: ",
        true,
    ]);
    t.deepEqual(await ask({ cancelled: 59, accepted: 1 }, "0"), [
        "Type 0 to record that no cancel request is needed as incident/prod/playbook-12: ",
        true,
    ]);
});

test("the number to type is that of the requests, with one for each action that could not be read", async (t) => {
    t.deepEqual(await ask({ cancel: 1, tooLate: 2 }, "1"), [
        "Type 1 to send 1 cancel request as incident/prod/playbook-12: ",
        true,
    ]);
    const some = { cancel: 50, cancelled: 2, unread: 8 };
    t.deepEqual(await ask(some, "58"), [
        "Type 58 to send up to 58 cancel requests, 8 of them for actions that could not be read, as incident/prod/playbook-12: ",
        true,
    ]);
    t.is((await ask(some, "50"))[1], false);
    t.is((await ask({ tooLate: 1, unread: 1 }, "1"))[1], true);
});

test("where nothing can be sent or proven, there is nothing to approve, and the message says why", async (t) => {
    await t.throwsAsync(async () => ask({ tooLate: 2 }, "0"), {
        message: /^no cancel request is possible: nothing was/,
    });
    await t.throwsAsync(async () => ask({ unread: 2 }, "2"), { message: /^no action could be read: nothing was sent/ });
});
