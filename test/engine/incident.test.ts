import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { loadCancellations } from "../../provider/index.ts";
import { type ActionSeed, startSimulator } from "../../simulator/index.ts";
import { cliEnvironment, languageHostFolder, withoutTypeCheck } from "../helpers/cli-environment.ts";
import { tokenWith } from "../helpers/command.ts";
import { packageRoot } from "../helpers/engine.ts";
import { blocksOf, firstUntrueLine, openTerminal, startCommand } from "../helpers/page-commands.ts";

const roles = ["Machine.Read.All", "Machine.Isolate"];
const example = join(packageRoot, "examples/incident");

/** The example's folder as a user has it after `npm install`, the simulator, and the runbook at hand. */
async function practise(t: ExecutionContext, scenario: string) {
    // Inside the clone, where the program finds the package and the SDK.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "incident-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    for (const name of ["index.ts", "look-up.mts", "package.json", "tsconfig.json", "Pulumi.yaml"]) {
        await cp(join(example, name), join(folder, name));
    }
    const bin = join(folder, "node_modules", ".bin");
    await mkdir(bin, { recursive: true });
    const command = `#!/bin/sh\nexec node "${join(packageRoot, "dist", "cli", "main.js")}" "$@"\n`;
    await writeFile(join(bin, "defender-cancellation"), command, { mode: 0o755 });

    const blocks = await blocksOf("examples/incident/README.md");
    const [simulate, practice] = blocks.filter(({ heading }) => heading === "Practise");
    const env = {
        ...cliEnvironment(folder),
        PATH: `${languageHostFolder}:${process.env.PATH}`,
        ...withoutTypeCheck,
        // Nobody answers at this terminal.
        PULUMI_SKIP_CONFIRMATIONS: "true",
    };
    const simulator = startCommand(
        (simulate?.text ?? "").replace("--port 4711", "").replace("wrong-scope", scenario),
        folder,
        env,
    );
    t.teardown(() => simulator[Symbol.asyncDispose]());
    const [, url = ""] = await simulator.until(/export DEFENDER_API_URL=(\S+)/);
    const terminal = openTerminal(folder, env);
    await terminal.run((practice?.text ?? "").replace("http://127.0.0.1:4711", url));

    return {
        folder,
        terminal,
        /** How many requests of this kind the simulator has shown, all that came until now. */
        async posts(what = "cancel") {
            const mark = randomUUID();
            await fetch(`${url}/api/${mark}`);
            await simulator.until(new RegExp(mark));
            return simulator.printed().match(new RegExp(` POST .*/${what} {2}20[01] `, "g"))?.length ?? 0;
        },
        /** Types what stands under a heading, and holds what is printed against what is shown. */
        async section(heading: string): Promise<string> {
            const printed: string[] = [];
            for (const { language, text } of blocks.filter((block) => block.heading === heading)) {
                if (language === "sh") {
                    const { exitCode, all } = await terminal.run(text.replace(/ apply /, " apply --yes "));
                    t.is(exitCode, 0, `${text}\n${all}`);
                    printed.push(all);
                } else {
                    t.is(firstUntrueLine(text, printed.at(-1) ?? ""), undefined, printed.at(-1));
                }
            }
            t.true(printed.length > 0, `nothing to type under ${heading}`);
            return printed.join("\n");
        },
    };
}

test.serial("the runbook, as it is typed: look, declare, review, up, report, worklist, watch, close", async (t) => {
    const { section, posts, folder } = await practise(t, "wrong-scope");
    await section("1. Look");
    await section("2. Declare");
    await section("3. Review");
    t.is(await posts(), 0, "nothing is sent before `up`");
    await section("4. Cancel");
    t.is(await posts(), 58);
    await section("5. Report");
    await section("6. What ran");
    t.is((await readFile(join(folder, "inc-4711-ran.txt"), "utf8")).match(/^[0-9a-f]{40}$/gm)?.length, 5);
    t.is(await posts("unisolate"), 5);
    await section("7. Watch");
    await section("8. Close");
    t.is(await posts(), 58, "nothing but `up` cancels");
});

test.serial(
    "the runbook's break glass: apply by hand, and the next up adopts it as ours, without a request",
    async (t) => {
        const { section, posts, terminal, folder } = await practise(t, "wrong-scope");
        const works = async (command: string) => {
            const { exitCode, all } = await terminal.run(command);
            t.is(exitCode, 0, all);
            return all;
        };
        // By the identity, not by the tag alone: the simulated token says nothing of it.
        const claims = { appid: "9a1b2c3d-0000-4000-8000-00000000abcd", tid: "tenant", roles };
        await works(`export DEFENDER_ACCESS_TOKEN=${tokenWith(claims)}`);
        await section("2. Declare");
        await section("When the Git host or the pipeline is down");
        t.is(await posts(), 58);
        await section("When it is back");
        t.is(await posts(), 58, "the next up sends nothing");
        const worklist = await readFile(join(folder, "inc-4711-ran.txt"), "utf8");
        t.is(worklist.match(/^[0-9a-f]{40}$/gm)?.length, 5, "step 6 goes by what the evidence saw");

        await works("pulumi stack export > state.json");
        const report = JSON.parse(
            await works("npx defender-cancellation report --state state.json --json 2> report.log"),
        );
        const adopted = report.cancellations.filter(({ outcome }: { outcome: string }) => outcome === "adopted");
        t.deepEqual(
            [...new Set(adopted.map(({ adoptedFrom }: { adoptedFrom: string }) => adoptedFrom))],
            ["ourselves"],
        );
        await works("npx defender-cancellation audit --declared incidents --state state.json");
        await works("npx defender-cancellation doctor --state state.json");
        await works("sed s/cancellation.lifecycle/cancellation-lifecycIe/ state.json > tampered.json");
        const doctor = await terminal.run("npx defender-cancellation doctor --offline --state tampered.json");
        t.is(doctor.exitCode, 2, doctor.all);
    },
);

test.serial("the README's ten minutes: a first-time user's cancellation, reviewed, applied and verified", async (t) => {
    const { terminal, posts } = await practise(t, "wrong-scope");
    const blocks = await blocksOf("README.md");
    const [, ...typed] = blocks.filter(({ heading }) => heading === "Ten minutes");
    t.is(typed.length, 2);
    let printed = "";
    for (const { text } of typed) {
        // The folder and what is installed in it are there, and so is the simulator, on another port.
        const { exitCode, all } = await terminal.run(text.replace(/^(cd|npm install|export DEFENDER_).*\n/gm, ""));
        t.is(exitCode, 0, all);
        printed = all;
    }
    t.is(await posts(), 58);
    t.regex(printed, /^verified: \d+ match, 0 mismatch, 0 gone, \d+ unverifiable$/m);
});

test.serial("the runbook when some were too late, and after an interruption", async (t) => {
    const { section, terminal, posts } = await practise(t, "late");
    const wrong = "--type Isolate --requestor soar@contoso.example --comment INC-4711";
    const declared = `npx defender-cancellation declare incidents/inc-4711.yaml ${wrong}\npulumi stack init inc-4711`;
    t.is((await terminal.run(declared)).exitCode, 0);
    const { exitCode, all } = await terminal.run("pulumi up --refresh --run-program --continue-on-error");
    t.not(exitCode, 0);
    t.regex(all, /ERR_DEFENDER_TOO_LATE/);
    t.is(await posts(), 10);
    await section("Some were too late");
    await section("The run was interrupted");
    t.is(await posts(), 10);
});

test.serial("the look-up by a program writes a declaration file of what is open", async (t) => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const queued: ActionSeed[] = [30, 20, 10].map((minutes) => ({
        id: randomUUID(),
        creationDateTimeUtc: minutesAgo(minutes),
    }));
    const others: ActionSeed[] = [
        { creationDateTimeUtc: minutesAgo(25), requestor: "analyst@contoso.example" },
        { creationDateTimeUtc: minutesAgo(25), type: "RunAntiVirusScan" },
        { creationDateTimeUtc: minutesAgo(90) },
        { creationDateTimeUtc: minutesAgo(15), status: "Succeeded" },
    ];
    await using simulator = await startSimulator({ actions: [...queued, ...others] });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "look-up-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const asked = ["--type", "Isolate", "--requestor", "soar@contoso.example", "--since", minutesAgo(60)];
    const lookUp = (...args: string[]) =>
        execa(process.execPath, [join(example, "look-up.mts"), ...args], {
            cwd: folder,
            env: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "look-up-token", XDG_CACHE_HOME: folder },
            reject: false,
        });
    t.is((await lookUp("--type", "Isolate")).exitCode, 2);
    const { stdout, stderr } = await lookUp("inc-4712.yaml", ...asked, "--comment", "INC-4712: again");
    t.is(stdout, "inc-4712.yaml: 3 of the 4 that were found are not final yet. Review and commit it.", stderr);
    const { cancellations, maxCancellations, comment } = loadCancellations(join(folder, "inc-4712.yaml"));
    t.deepEqual([maxCancellations, comment], [3, "INC-4712: again"]);
    t.deepEqual(
        cancellations.map(({ machineActionId }) => machineActionId),
        queued.map(({ id }) => id).reverse(),
    );
});
