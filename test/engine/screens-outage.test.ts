import { randomUUID } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { type Simulator, startSimulator } from "../../simulator/index.ts";
import { eventually } from "../helpers/processes.ts";
import type { Project, TerminalRun } from "../helpers/project.ts";
import { programOfSet, startYamlProgram } from "../helpers/yaml-program.ts";

/** What a terminal of 100 columns may show for one cause, without the row of each machine. */
const maxLines = 40;

/** The row of a machine of a set. */
const row = / defender:index:MachineAction {2}/;

/** The question of which the CLI may leave a copy when it asks, depending on what else it draws at that moment. */
const copy = /\[Use arrows to move/;

const linesOf = ({ screen }: TerminalRun) => screen.filter((line) => !row.test(line) && !copy.test(line));

/** The text of a screen, without the breaks at its right edge. */
const textOf = ({ screen }: TerminalRun) => screen.map((line) => (line.length < 100 ? `${line}\n` : line)).join("");

/** A set of 60 machines of the provider plugin. */
async function startSet(t: ExecutionContext, simulator: Simulator, more: object = {}): Promise<Project> {
    const cancellations = simulator.actions().map(({ id }) => ({ machineActionId: id }));
    const program = programOfSet("playbook-12", { comment: "INC-4711", cancellations, ...more });
    const project = await startYamlProgram(program, {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "simulated-token",
    });
    t.teardown(() => project[Symbol.asyncDispose]());
    return project;
}

const fleet = () =>
    Array.from({ length: 60 }, (_, nth) => ({ id: randomUUID(), computerDnsName: `ws-${nth}.x.example` }));

test("a set whose records cannot be read has one cause and a next step on a terminal, in up, refresh and destroy", async (t) => {
    await using simulator = await startSimulator({ actions: fleet() });
    const project = await startSet(t, simulator);
    const { exitCode, all } = await project.pulumi("up", "--yes", "--skip-preview");
    t.is(exitCode, 0, all);
    await simulator.close();

    async function bounded(command: string, expected: number, times: number): Promise<string> {
        const run = await project.onTerminal(command);
        const text = textOf(run);
        const lines = linesOf(run).length;
        t.is(run.exitCode, expected, text);
        t.true(lines <= maxLines, `${lines} lines:\n${text}`);
        // Once in the preview, and once in the run.
        t.is(text.match(/no answer: connect ECONNREFUSED/g)?.length, times, text);
        t.log(`${command}: ${lines} lines`);
        return text;
    }

    const up = await bounded("up", 1, 2);
    t.regex(
        up,
        /error: 60 of 60 records not readable, and kept: ERR_DEFENDER_NETWORK: see the refresh\. Remove the cause, then run `pulumi up /,
    );
    t.regex(up, /warning: all 60: could not look: ERR_DEFENDER_NETWORK, see the refresh \[digest/);
    t.regex(
        await bounded("refresh", 0, 2),
        /Is the simulator running \(DEFENDER_API_URL\)\? The next refresh reads it again/,
    );
    t.notRegex(await bounded("destroy", 0, 2), /pulumi up/);
});

test("where the API dies during an up, the screen claims no request that got no answer, and says what to check", async (t) => {
    const isBegun = (sent: number) => sent > 3;
    await using simulator = await startSimulator({
        actions: fleet(),
        faults: ({ operation, nth }) =>
            operation === "cancel" && isBegun(nth) ? { name: "slow first byte", milliseconds: 300 } : undefined,
    });
    const project = await startSet(t, simulator, { confirmWithinSeconds: 15 });
    const up = project.startOnTerminal("up");
    const sent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    await eventually(() => isBegun(sent()), 120_000, "the set is in the middle of its requests");
    await simulator.close();
    const run = await up.ended;
    const text = textOf(run);
    t.is(run.exitCode, 1, text);
    const all = linesOf(run);
    const lines = all.slice(all.findIndex((line) => line.startsWith("Updating ("))).length;
    t.true(lines <= maxLines, `${lines} lines:\n${text}`);
    t.log(`${lines} lines, ${all.length} with the preview`);
    t.regex(text, /ERR_DEFENDER_NOT_CONFIRMED: no valid answer to the cancel request; Pending when last read\./);
    t.regex(text, /Check the API and the network path to it, then run `pulumi up` again/);
    const claimed = Number(
        /(\d+) \([^)]*\): \S+ still Pending after the cancellation was requested/.exec(text)?.[1] ?? 0,
    );
    t.true(claimed <= simulator.requests.filter(({ operation }) => operation === "cancel").length, text);
    t.notRegex(text, /confirmWithinSeconds/);
});

for (const presses of [1, 2]) {
    test(`after ${presses} Ctrl-C the screen says what was requested and what to run next, and the next up says what it does`, async (t) => {
        await using simulator = await startSimulator({
            actions: fleet().map((action) => ({
                ...action,
                behaviour: "pending-then-cancelled" as const,
                settleMs: 60_000,
            })),
            faults: ({ operation, nth }) =>
                operation === "cancel" ? { name: "slow first byte", milliseconds: nth < 20 ? 100 : 3_000 } : undefined,
        });
        const project = await startSet(t, simulator);
        const up = project.startOnTerminal("up");
        const sent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
        await eventually(() => sent() >= 20, 120_000, "the set is in the middle of its requests");
        up.type("\u0003".repeat(presses));
        const run = await up.ended;
        const text = textOf(run);
        t.not(run.exitCode, 0, text);
        const all = linesOf(run);
        // The preview above is not about the interruption.
        const lines = all.slice(all.findIndex((line) => line.startsWith("Updating ("))).length;
        t.true(lines <= 26, `${lines} lines:\n${text}`);
        t.log(`${presses} Ctrl-C: ${lines} lines, ${all.length} with the preview`);
        if (presses === 1) {
            t.regex(
                text,
                /ERR_DEFENDER_INTERRUPTED: \d+ requested and not proven yet, \d+ not requested\. Run `pulumi up` again: it goes on from here/,
            );
            const next = await project.pulumi("preview");
            t.regex(
                next.all,
                /not Cancelled: .*Pending[\s\S]*\n +As of the refresh\. `pulumi up --refresh --run-program` cancels /,
            );
        }
    });
}
