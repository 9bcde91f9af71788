import { randomUUID } from "node:crypto";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { type Declaration, startEngine } from "../helpers/engine.ts";

/** The terminal that the documents assume. */
const columns = 100;
const maxLines = 40;

/** The engine's row of a single resource, or of a machine of a set. */
const row = /^ \+ {2}(?:pulumi-nodejs:dynamic\/defender|defender:index):MachineAction(?:Cancellation)? /;

/**
 * How many lines of a terminal the CLI's output takes without those rows, of which there is one for each resource. The
 * error of a failed run repeats the output after this.
 */
function screenLines(output: string): number {
    const text = output.slice(output.search(/^(?:Previewing update|Updating) \(/m)).split("\n\ncode: -")[0] ?? "";
    const lines = text.split("\n").filter((line) => !row.test(line));
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
}

/** The message of a set or of a single resource in the diagnostics, without its prefix. */
const messagesOf = (output: string) =>
    (output.split("Diagnostics:")[1] ?? "").match(/^ {4}(?:error|warning): .*$/gm) ?? [];

test("one cause of sixty actions is one message and a next step, in a preview and in up, for both faces", async (t) => {
    await using simulator = await startSimulator({
        actions: Array.from({ length: 60 }, (_, nth) => ({ computerDnsName: `ws-${nth}.contoso.example` })),
    });
    const known = simulator.actions().map(({ id }) => id);
    const missing = known.slice(0, 30).map(() => randomUUID());
    const setOf = (ids: readonly string[], isOfPlugin: boolean, more = {}): Declaration => ({
        ...{ name: "playbook-12", isSet: true, isOfPlugin },
        args: {
            comment: "INC-4711",
            cancellations: ids.map((machineActionId) => ({ machineActionId })),
            maxCancellations: ids.length,
            ...more,
        },
    });
    let declarations: readonly Declaration[] = [];
    const engine = await startEngine({
        declarations: () => declarations,
        environment: { DEFENDER_API_URL: simulator.url },
    });
    t.teardown(engine.dispose);

    async function bounded(method: "preview" | "up", message: RegExp): Promise<string> {
        const { output } = await engine[method]({ color: "never" });
        const lines = screenLines(output);
        t.true(lines <= maxLines, `${lines} lines:\n${output}`);
        t.is(messagesOf(output).filter((one) => message.test(one)).length, 1, output);
        t.log(`${method}, ${message.source.slice(0, 40)}: ${lines} lines`);
        return output;
    }

    const noCredential =
        /(?:all 60: could not look|none was completed): ERR_DEFENDER_NO_CREDENTIAL: .*set DEFENDER_TENANT_ID/;
    declarations = [setOf(known, false)];
    await bounded("preview", noCredential);
    declarations = [setOf(known, true)];
    await bounded("up", noCredential);

    await engine.setConfig("defender:accessToken", "a-token");
    declarations = [setOf(known, true, { notAfter: "2026-01-01T00:00:00Z" })];
    await bounded(
        "up",
        /60 \(ws-\d+, .*, and 50 more\): ERR_DEFENDER_PAST_NOT_AFTER: .* Have a later notAfter approved/,
    );
    declarations = [setOf(missing, true)];
    await bounded("preview", /all 30: not found: .*another tenant\?.*\[ERR_DEFENDER_NOT_FOUND\]/);

    await simulator.close();
    for (const isOfPlugin of [true, false]) {
        declarations = known.slice(0, 20).map((machineActionId, nth) => ({
            ...{ name: `wrong-${nth}`, isOfPlugin },
            args: { machineActionId, comment: "x" },
        }));
        const down = await bounded("preview", /: could not look: ERR_DEFENDER_NETWORK: .*Is the simulator running/);
        const messages = messagesOf(down).filter((one) => one.includes("could not look"));
        t.is(messages.length, 2, "the first resource explains the cause, and the stack names the others");
        t.regex(
            messages.join("\n"),
            /19 more resources \((?:wrong-\d+, ){10}and 9 more\): could not look: \w+: same cause as wrong-\d+$/m,
        );
    }
    declarations = [setOf(known, true)];
    await bounded(
        "up",
        /60 of 60 cancellations failed; none was completed: ERR_DEFENDER_NETWORK: .*Is the simulator running/,
    );
});
