import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { startApiServer } from "../helpers/api-server.ts";
import { packageRoot } from "../helpers/engine.ts";
import { rc1Text } from "../helpers/rc1-fixtures.ts";

/** A folder with `pipeline.sh`, the command and a folder of states. Returns how a `message` ends, and what it sent. */
async function messages(t: ExecutionContext, status = 200) {
    const folder = await mkdtemp(join(tmpdir(), "defender-message-"));
    const received: { readonly path: string; readonly body: unknown }[] = [];
    const server = await startApiServer(async ({ url = "", body }) => {
        received.push({ path: url, body: JSON.parse(body) });
        return { status, headers: {}, body: "" };
    });
    t.teardown(async () => {
        await server[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
    });
    await copyFile(join(packageRoot, "examples/gitops/pipeline.sh"), join(folder, "pipeline.sh"));
    await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
    await mkdir(join(folder, "reports"));
    const command = `exec '${process.execPath}' --disable-warning=MODULE_TYPELESS_PACKAGE_JSON '${packageRoot}/cli/main.ts' "$@"`;
    await writeFile(join(folder, "node_modules/.bin/defender-cancellation"), `#!/bin/sh\n${command}\n`, {
        mode: 0o755,
    });
    return {
        url: server.url,
        received,
        state: (name: string, text: string) => writeFile(join(folder, "reports", `${name}.state.json`), text),
        async send(env: Readonly<Record<string, string>>) {
            const path = [join(packageRoot, "node_modules/.bin"), process.env.PATH].join(delimiter);
            const options = {
                cwd: folder,
                env: { PATH: path, TMPDIR: folder, ...env },
                extendEnv: false,
                all: true,
            } as const;
            const { exitCode, all } = await execa("./pipeline.sh", ["message", "reports"], {
                ...options,
                reject: false,
            });
            return { exitCode, all };
        },
    };
}

test("a message goes to Teams and to Slack as text without markup, in the JSON that each takes", async (t) => {
    const { url, received, state, send } = await messages(t);
    await state("inc-1", rc1Text("set.json"));
    await state("inc-2", rc1Text("drift.json"));
    const { exitCode, all } = await send({
        TEAMS_WEBHOOK_URL: `${url}/teams?sig=s3cret`,
        SLACK_WEBHOOK_URL: `${url}/slack`,
    });
    t.is(exitCode, 0, all);
    t.notRegex(all, /s3cret/);
    const [teams, slack] = received;
    t.is(teams?.path, "/teams?sig=s3cret");
    t.like(teams?.body, {
        type: "message",
        attachments: {
            0: {
                contentType: "application/vnd.microsoft.card.adaptive",
                content: {
                    type: "AdaptiveCard",
                    body: { 0: { type: "RichTextBlock", inlines: { 0: { type: "TextRun" } } } },
                },
            },
        },
    });
    const { text, blocks } = Object(slack?.body) as { readonly text: string; readonly blocks: readonly unknown[] };
    t.regex(
        text,
        /^Defender cancellations: 11 machine actions .*\n(?:.*\n)*Drift: 4 machine actions no longer cancelled/,
    );
    t.deepEqual(blocks, [{ type: "section", text: { type: "plain_text", text, emoji: false } }]);
});

test("a message that cannot be sent is a line in the log, and never the result of the run", async (t) => {
    const { url, received, state, send } = await messages(t, 500);
    t.like(await send({ SLACK_WEBHOOK_URL: url }), {
        exitCode: 0,
        all: "no message: the states in reports cannot be read",
    });
    await state("inc-1", rc1Text("single.json"));
    const refused = await send({ SLACK_WEBHOOK_URL: url });
    t.is(refused.exitCode, 0);
    t.regex(refused.all, /500[\s\S]*SLACK_WEBHOOK_URL: the message was not sent/);
    const wrong = { TEAMS_WEBHOOK_URL: "file:///etc/passwd", SLACK_WEBHOOK_URL: "http://chat.example/x" };
    const unsent = await send(wrong);
    t.is(unsent.exitCode, 0);
    for (const name of Object.keys(wrong)) {
        t.true(
            unsent.all.includes(`${name}: expected a URL that begins with https://\n${name}: the message was not sent`),
            unsent.all,
        );
    }
    t.is(received.length, 1);
});
