import test, { type ExecutionContext } from "ava";
import { type EndedApply, type Ending, endedApply, mayMount, recordedRequests } from "../helpers/ended-apply.ts";
import { randomNumbers } from "../helpers/random-numbers.ts";

/** How often each ending is tried. `npm test` tries each once, at another moment every time. */
const runs = Number(process.env.DEFENDER_APPLY_RUNS ?? 1);
const seed = Number(process.env.DEFENDER_APPLY_SEED ?? Date.now() % 1_000_000);
const actions = 12;

interface Trial {
    readonly ending: Ending;
    readonly evidence?: string;
}

const endings: readonly (readonly [name: string, ending: (random: () => number, nth: number) => Trial])[] = [
    ["SIGHUP", () => ({ ending: { signals: ["SIGHUP"] } })],
    ["SIGTERM", () => ({ ending: { signals: ["SIGTERM"] } })],
    ["SIGKILL", () => ({ ending: { signals: ["SIGKILL"] } })],
    ["stdout loses its reader", () => ({ ending: { closes: ["stdout"] } })],
    ["stderr loses its reader", () => ({ ending: { closes: ["stderr"] } })],
    [
        "the disk is full",
        (random, nth) =>
            nth % 2 === 0 && mayMount()
                ? { ending: { diskSize: 8 + 4 * Math.floor(4 * random()) }, evidence: "disk/evidence.json" }
                : { ending: { fileLimit: 3 + Math.floor(12 * random()) } },
    ],
];

for (const [index, [name, endingOf]] of endings.entries()) {
    test.serial(`${name}: every request that the API received is in the record, and report lists it`, async (t) => {
        const random = randomNumbers(seed + index);
        let requests = 0;
        for (let nth = 0; nth < runs; nth++) {
            const atRequest = 1 + Math.floor(actions * random());
            const delayMs = Math.floor(30 * random());
            const { ending, evidence = "evidence.json" } = endingOf(random, nth);
            const run = await endedApply(t, { ending, evidence, atRequest, delayMs, actions, answerMs: 20 });
            const moment = `${delayMs} ms after request ${atRequest}, ${JSON.stringify(ending)}, seed ${seed}\n${run.stderr}`;
            t.true(run.seen.length > 0, moment);
            await assertComplete(t, run, evidence, moment);
            assertEnd(t, run, ending, moment);
            requests += run.seen.length;
        }
        t.log(`${runs} runs, ${requests} requests, seed ${seed}`);
    });
}

async function assertComplete(t: ExecutionContext, run: EndedApply, file: string, moment: string): Promise<void> {
    const recorded = recordedRequests(run.textOf(file));
    for (const id of new Set(run.seen)) {
        const count = (ids: readonly string[]) => ids.filter((one) => one === id).length;
        t.true(count(recorded) >= count(run.seen), `${id}: ${moment}`);
    }
    const report = await run.report(file);
    t.is(report.code, 0, report.stderr);
    const { cancellations } = JSON.parse(report.stdout) as {
        readonly cancellations: readonly { readonly machineActionId: string; readonly requestedAtUtc?: string }[];
    };
    t.is(cancellations.length, actions);
    const requested = cancellations.filter(({ requestedAtUtc }) => requestedAtUtc !== undefined);
    const listed = new Set(requested.map(({ machineActionId }) => machineActionId));
    t.deepEqual(
        run.seen.filter((id) => !listed.has(id)),
        [],
        moment,
    );
}

/** A lost reader does not end the run. A signal and a full disk stop it, and all but SIGKILL let it write its end. */
function assertEnd(t: ExecutionContext, run: EndedApply, { closes, signals }: Ending, moment: string): void {
    if (signals?.includes("SIGKILL")) {
        t.true(run.signal === "SIGKILL" || run.code === 0, moment);
        return;
    }
    t.is(run.signal, null, moment);
    if (closes) {
        t.is(run.code, 0, moment);
        t.is(run.seen.length, actions, moment);
    } else {
        t.true(run.code === 1 || run.seen.length === actions, moment);
    }
}

test.serial("a second Ctrl-C ends the run at once, and the request without an answer is in the record", async (t) => {
    const run = await endedApply(t, {
        ending: { signals: ["SIGINT"] },
        atRequest: 1,
        actions: 1,
        answerMs: 60_000,
        onStart(child) {
            child.stderr?.on("data", (text) => {
                if (String(text).includes("Interrupted: ")) {
                    // A signal at once would be the copy that npx forwards.
                    setTimeout(() => child.kill("SIGINT"), 200);
                }
            });
        },
    });
    t.is(run.code, 130);
    t.deepEqual(recordedRequests(run.textOf("evidence.json")), run.seen);
    const report = await run.report("evidence.json");
    t.regex(report.stderr, /the run of `apply` that began at .* did not end/);
    t.like(JSON.parse(report.stdout), {
        cancellations: [{ outcome: "unproven", effect: "unproven", failure: "ERR_DEFENDER_INTERRUPTED" }],
    });
});

test.serial("where the file and stderr fail, the record goes to stdout and nothing more is sent", async (t) => {
    const run = await endedApply(t, {
        ending: { fileLimit: 8, closes: ["stderr"] },
        atRequest: 1,
        actions: 20,
        answerMs: 50,
    });
    t.is(run.code, 1);
    t.true(run.seen.length < 20);
    await run.write("stdout.txt", run.stdout);
    t.deepEqual(new Set(recordedRequests(run.stdout)), new Set(run.seen));
    t.is((await run.report("stdout.txt")).code, 0);
});
