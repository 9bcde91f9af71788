import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { onTerminal, screenOf, type TerminalStep, unbroken } from "../../helpers/apply-terminal.ts";
import { applyArguments, commandScene } from "../../helpers/command.ts";

const idOf = (nth: number) => `5f2c7a10-93b4-4c1e-8d2f-${nth.toString(16).padStart(12, "0")}`;
const args = [...applyArguments.filter((arg) => arg !== "--yes"), "--evidence", "evidence.json"];

/** A scene in real time with `count` actions, and a file that declares them. */
async function fleet(t: ExecutionContext, count: number, options: SimulatorOptions, each: object = {}) {
    const ids = Array.from({ length: count }, (_, nth) => idOf(nth));
    const scene = await commandScene(t, {
        now: Date.now,
        ...options,
        actions: ids.map((id, nth) => ({
            id,
            computerDnsName: `ws-${String(nth).padStart(4, "0")}.contoso.example`,
            ...each,
            ...(count > 10 && nth < 2 ? { status: "Succeeded" } : {}),
        })),
    });
    const entries = ids.map((id) => `    - machineActionId: ${id}\n`).join("");
    await scene.write("incident.yaml", `version: 1\ncomment: "INC-4711"\ncancellations:\n${entries}`);
    return scene;
}

const bar = /\d+\/\d+.*\[[#-]+\]/;

test("on a terminal, the plan and the result of 60 fit on a screen, with a bar in between and colours", async (t) => {
    const scene = await fleet(t, 60, {});
    const { code, output, isAsBefore } = await onTerminal(scene, args, {
        steps: [
            ["Type 58 to send", "58\r"],
            ["/60", 60],
        ],
    });
    t.is(code, 1);
    t.true(isAsBefore);
    t.regex(output, /0\/60.* \[-+\]/);
    const screen = screenOf(output);
    t.deepEqual(
        screen.filter((line) => bar.test(line)),
        [],
    );
    t.true(screen.length <= 20, screen.join("\n"));
    t.true(screen.every((line) => line.length <= 100));
    const sentences = unbroken(screen);
    t.is(sentences[0], `of 60 cancellations: 58 would be requested, 2 would fail [digest ${digestIn(output)}]`);
    t.regex(sentences[1] ?? "", /^! 2 \(ws-0000, ws-0001\): too late: Succeeded/);
    t.regex(sentences[2] ?? "", /^ {2}58 would cancel: Isolate, Pending, .*: ws-\d+, (ws-\d+, ){9}and 48 more$/);
    const at = sentences.indexOf("58 of 60 cancelled and proven, 2 failed; evidence in evidence.json");
    t.regex(sentences[at + 1] ?? "", /^! 2 \(ws-0000, ws-0001\): ERR_DEFENDER_TOO_LATE: /);
    t.regex(
        sentences.slice(at + 2).join("\n"),
        /^actions {2}result .*\n58 +cancelled +prevented +ws-0002, .* more\n2 +failed/,
    );
    t.true(output.includes("\u001b[31m58 of 60 cancelled"));
});

function digestIn(output: string): string {
    return /\[digest (\w{12})\]/.exec(output)?.[1] ?? "";
}

test("a Ctrl-C leaves a clean terminal, and says what was requested and how to continue", async (t) => {
    const scene = await fleet(t, 4, {}, { behaviour: "pending-then-cancelled", settleMs: 600_000 });
    const { code, output, isAsBefore } = await onTerminal(scene, args, {
        columns: 80,
        steps: [
            ["Type 4 to send", "4\r"],
            ["0/4; 4 not proven yet", "\u0003"],
        ],
        env: { NO_COLOR: "1" },
    });
    t.is(code, 1);
    t.true(isAsBefore);
    const screen = screenOf(output);
    t.false(screen.some((line) => bar.test(line)));
    t.true(screen.every((line) => line.length <= 80));
    const sentences = unbroken(screen);
    const result = sentences.slice(sentences.findIndex((line) => line.startsWith("Interrupted: ")));
    t.is(
        result[1],
        "interrupted: 0 of 4 cancelled and proven, 4 requested and not proven yet; evidence in evidence.json",
    );
    t.regex(
        result[2] ?? "",
        /^! ERR_DEFENDER_INTERRUPTED: 4 requested and not proven yet\. Run `defender-cancellation apply` again: it goes on from here$/,
    );
    t.regex(
        result.at(-2) ?? "",
        /^To continue, run `defender-cancellation apply` again with another evidence file\. It reads/,
    );
    t.false(output.includes("\u001b[3"));
    t.is(scene.posts(), 4);
});

/** A fleet whose cancel requests get no answer. The file `received` says that the first one has arrived. */
async function withoutAnswers(t: ExecutionContext, count: number) {
    const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds).unref());
    const received = { tell: () => {} };
    const scene = await fleet(t, count, {
        sleep,
        latency({ operation }) {
            if (operation !== "cancel") {
                return {};
            }
            received.tell();
            return { backMs: 600_000 };
        },
    });
    received.tell = () => writeFileSync(join(scene.folder, "received"), "");
    return scene;
}

const twoSignals: readonly TerminalStep[] = [
    ["file:received", "\u0003"],
    // A signal at once would be the copy that npx forwards.
    ["exit at\\s+once", "\u0003", 0.2],
];

test("a second Ctrl-C ends at once, and says what was sent and where it is recorded", async (t) => {
    const scene = await withoutAnswers(t, 1);
    const { code, output, isAsBefore } = await onTerminal(scene, args, {
        steps: [["Type 1 to send", "1\r"], ...twoSignals],
    });
    t.is(code, 130);
    t.true(isAsBefore);
    const sentences = unbroken(screenOf(output));
    const [, , request, toContinue] = sentences.slice(sentences.findIndex((line) => /^Interr/.test(line)) - 1);
    t.regex(
        request ?? "",
        /^(\^C)?ended before the result: 0 of 1 cancelled and proven, 1 requested and not proven yet; 1 cancel request sent, 1 of them without an answer; each request is in evidence\.json$/,
    );
    t.regex(toContinue ?? "", /^To continue, run `defender-cancellation apply` again/);
    t.false(screenOf(output).some((line) => bar.test(line)));
});

test("a second Ctrl-C counts each action once: what was too late, what was requested and what was not", async (t) => {
    const scene = await withoutAnswers(t, 14);
    const entries = Array.from(
        { length: 14 },
        (_, nth) => `    - { machineActionId: ${idOf(nth)}, ifAlreadyFinal: accept }\n`,
    );
    await scene.write("incident.yaml", `version: 1\ncomment: "INC-4711"\ncancellations:\n${entries.join("")}`);
    const { code, output } = await onTerminal(scene, args, {
        steps: [["Type 12 to send", "12\r"], ...twoSignals],
        env: { DEFENDER_REQUESTS_PER_MINUTE: "10" },
    });
    t.is(code, 130);
    const line = unbroken(screenOf(output)).find((sentence) => sentence.includes("ended before the result"));
    const [, requested, not, sent] =
        /: 0 of 14 cancelled and proven, 2 too late, which the declaration accepts, (\d+) requested and not proven yet, (\d+) not requested; (\d+) cancel requests? sent, /.exec(
            line ?? "",
        ) ?? [];
    t.is(Number(requested) + Number(not), 12, line);
    t.is(sent, requested);
});
