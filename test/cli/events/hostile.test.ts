import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { chatText, cleanText } from "../../../cli/safe-text.ts";
import { registerSecret } from "../../../provider/text/redact.ts";
import { isDeceptive } from "../../../provider/text/sanitize.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { problemsOfRow } from "../../helpers/asim-table.ts";
import type { CommandScene } from "../../helpers/command.ts";
import { appliedSet, pendingScene, reported } from "../../helpers/event-scenes.ts";
import { fuzz } from "../../helpers/fuzz.ts";
import { hostileText } from "../../helpers/hostile.ts";
import { eventsIn, problemsOf } from "../../helpers/ocsf-schema.ts";
import type { ExportedResource } from "../../helpers/stack-state.ts";
import { stageOf } from "../../helpers/verified.ts";

/** All texts in a JSON value, names included. */
function textsIn(value: unknown): string[] {
    return typeof value === "string"
        ? [value]
        : typeof value === "object" && value !== null
          ? Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)])
          : [];
}

const evil =
    "\u001b[2J\u202e@everyone <!channel> [x](https://evil.example) `a`\r\n::error::##[x] \ud800 :tada: _b_ *c*";

/** What Teams and Slack would act on. The message itself has colons, semicolons and round brackets. */
const marks = /[<>@`*~|#!&\\{}]|\]\(|:\/\/|\bwww\.|:\w+:|[a-z]\.[a-z]/i;

async function assertHarmless(t: ExecutionContext, scene: CommandScene, resource: ExportedResource): Promise<void> {
    const [ocsf, asim] = [await reported(scene, "ocsf", resource), await reported(scene, "asim", resource)].map(
        eventsIn,
    );
    t.deepEqual(problemsOf(ocsf ?? []), []);
    t.deepEqual(asim?.flatMap(problemsOfRow), []);
    for (const text of textsIn([ocsf, asim])) {
        t.false(isDeceptive(text), JSON.stringify(text));
        t.true(text.isWellFormed());
        t.notRegex(text, /##\w*\[/);
    }
    for (const row of asim ?? []) {
        t.true(JSON.stringify(row).length < 64_000, "a column of Log Analytics takes 64 KB");
    }
    const chat = await reported(scene, "chat", resource);
    t.notRegex(chat, marks);
    t.true(chat.length < 4_000);
    for (const line of chat.trimEnd().split("\n")) {
        t.regex(line, /^(Defender cancellations|Declared by|Result|Check \d+ machines?|Drift|Issued again|Errors): /);
    }
}

test("hostile names of machines and requestors are harmless in events and in a message", async (t) => {
    const scene = await pendingScene(t, 0);
    const seeds = scenarios.hostile?.actions(scene.clock.now()) ?? [];
    const ids = seeds.map((seed) => scene.simulator.seed({ ...seed, status: "Succeeded" }).id);
    const set = (await appliedSet(scene, ids, { ifAlreadyFinal: "accept" })).state();
    await assertHarmless(t, scene, set);
    const chat = await reported(scene, "chat", set);
    t.regex(chat, /^Check \d+ machines: /m);
});

test("hostile text anywhere in a state is as harmless, also by the megabyte", async (t) => {
    const scene = await pendingScene(t, 1);
    const [machineActionId = ""] = scene.ids;
    const one = (await stageOf(scene, "one", false).up({ machineActionId, comment: "INC-4711" })).state();
    for (const text of [evil, ""]) {
        const outputs = Object.fromEntries(Object.keys(one.outputs).map((name) => [name, text]));
        const evidence = Object.fromEntries(Object.keys(Object(one.outputs.evidence)).map((name) => [name, text]));
        const reissues = [{ id: text, requestor: text, status: text, creationDateTimeUtc: text, requestedAtUtc: text }];
        const inputs = { ...one.inputs, declaredBy: text, comment: text };
        await assertHarmless(t, scene, { ...one, inputs, outputs: { ...outputs, evidence, reissues } });
    }
    const computerDnsName = `${evil}${"x\n".repeat(500_000)}`;
    const stdout = await reported(scene, "ocsf", { ...one, outputs: { ...one.outputs, computerDnsName } });
    t.true(stdout.length < 20_000);
    t.deepEqual(problemsOf(eventsIn(stdout)), []);
});

test("a secret of ours is hidden in a long text too, wherever it stands", (t) => {
    const secret = "s3cret-of-this-very-process-0123456789";
    registerSecret(secret);
    for (const before of [
        "",
        "x".repeat(970),
        "x".repeat(19_980),
        "\u200b".repeat(19_980),
        `${"\u200b".repeat(19_500)}x`,
    ]) {
        const shown = cleanText(`${before}${secret}${"y".repeat(5_000)}`, 1_000);
        t.false(shown.includes(secret.slice(0, 8)), before.slice(0, 1));
        t.true(shown.length <= 1_000);
    }
});

test("at most ten machines are named, the worst first, and the rest is counted", async (t) => {
    const scene = await pendingScene(t, 25, (index) => ({ status: index === 24 ? "Succeeded" : "Failed" }));
    const chat = await reported(
        scene,
        "chat",
        (await appliedSet(scene, scene.ids, { ifAlreadyFinal: "accept" })).state(),
    );
    t.regex(chat, /^Defender cancellations: 25 machine actions \(25 Isolate\)$/m);
    t.regex(chat, /^Result: 25 ended before cancellation$/m);
    t.regex(
        chat,
        /^Check 25 machines: ws-25 \(ended before cancellation\); (?:ws-\d+ \(ended before cancellation\); ){9}and 15 more$/m,
    );
});

test("text in a message never has marks, and ordinary names stay readable", (t) => {
    const names = [
        "ws-0417",
        "soar@contoso.example",
        "incidents/prod/playbook-12",
        "SOAR Playbook (v2)",
        "svc_soar",
        "https://evil.example/x",
        "J. Doe",
    ];
    t.deepEqual(
        names.map((name) => chatText(name, 60)),
        [
            "ws-0417",
            "soar[at]contoso[.]example",
            "incidents/prod/playbook-12",
            "SOAR Playbook v2",
            "svc_soar",
            "https evil[.]example/x",
            "J. Doe",
        ],
    );
    return fuzz(
        t,
        "chat",
        fc.property(hostileText, (text) => {
            const shown = chatText(text, 60);
            t.notRegex(shown, /[<>@`*~|#!&\\{}():"]|\]\(|[\p{L}\p{N}]\.[\p{L}\p{N}]/u);
            t.true(shown.isWellFormed() && !isDeceptive(shown));
        }),
    );
});
