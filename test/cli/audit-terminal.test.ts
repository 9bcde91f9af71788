import test from "ava";
import { commandScene } from "../helpers/command.ts";

const cancelled = (number: number, cancelledBy: string, type: string) => ({
    id: `5f2c7a10-93b4-4c1e-8d2f-${String(number).padStart(12, "0")}`,
    computerDnsName: `ws-${String(number).padStart(4, "0")}.contoso.example`,
    status: "Cancelled",
    cancelledAt: `2026-05-05T06:${String(number % 60).padStart(2, "0")}:00Z`,
    cancelledBy,
    type,
});
const terminal = { isTerminal: true, columns: 100, env: { NO_COLOR: "1" } };

test("on a terminal, audit says the sum first, then each cause once with its machines; --all lists each", async (t) => {
    const { run } = await commandScene(t, {
        actions: [
            ...Array.from({ length: 14 }, (_, index) => cancelled(index, "intern@contoso.example", "Isolate")),
            cancelled(20, "intern@contoso.example\u001b[2J", "RunAntiVirusScan"),
        ],
    });
    const { code, stdout, stderr } = await run(["audit"], terminal);
    t.is(code, 2);
    const lines = stdout.trimEnd().split("\n");
    t.is(lines[0], "15 cancelled since 2026-05-04 07:00:00Z: 0 accounted for, 15 not");
    const text = stdout.replace(/\n +/g, " ");
    t.regex(
        text,
        /^14 Isolate by intern@contoso\.example, 2026-05-05 06:00:00Z to 2026-05-05 06:13:00Z: not declared; Isolate holds an attacker back (?:ws-00\d\d\.contoso\.example, ){10}and 4 more: --all lists them$/m,
    );
    t.regex(text, /^1 RunAntiVirusScan by intern@contoso\.example, .* ws-0020\.contoso\.example$/m);
    t.regex(
        stderr.replace(/\n +/g, " "),
        /^no declaration or record is given, so none accounts for anything: pass --declared, --stack or --state$/m,
    );
    t.notRegex(stderr, /accounted for/);
    t.true([...lines, ...stderr.split("\n")].every((line) => line.length <= 100));

    const all = await run(["audit", "--all"], terminal);
    t.is(all.stdout.match(/^2026-05-05 06:/gm)?.length, 15);
    t.true(all.stdout.split("\n").every((line) => line.length <= 100));
    const piped = await run(["audit"]);
    t.is(piped.stdout.match(/^2026-05-05 06:/gm)?.length, 15);
    t.regex(piped.stderr, /^15 cancelled since 2026-05-04 07:00:00Z: 0 accounted for, 15 not$/m);
    const coloured = await run(["audit"], { isTerminal: true });
    t.true(coloured.stdout.startsWith("\u001b[31m15 cancelled"), coloured.stdout);
});

test("on a terminal, an audit that finds nothing says so on stdout", async (t) => {
    const { run } = await commandScene(t);
    const { code, stdout, stderr } = await run(["audit"], terminal);
    t.deepEqual([code, stdout, stderr], [0, "0 cancelled since 2026-05-04 07:00:00Z: 0 accounted for, 0 not\n", ""]);
});
