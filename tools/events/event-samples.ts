import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { runCli } from "../../cli/run-cli.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { systemClock } from "../../provider/system/clock.ts";
import { scenarios } from "../../simulator/game-day/scenarios.ts";
import { type ActionSeed, startSimulator } from "../../simulator/index.ts";
import { root } from "../set-up/paths.mjs";

/** Events as the command writes them, one a line. */
export interface EventSample {
    readonly name: string;
    readonly events: string;
}

const recorded = join(root, "test", "fixtures", "rc.1");

/** The events of 60 cancellations, of hostile names, and of the records of release 1.0.0-rc.1. */
export async function eventSamples(folder: string): Promise<EventSample[]> {
    const sixty = Array.from(
        { length: 60 },
        (_, index): ActionSeed => ({ computerDnsName: `ws-${index}.contoso.example` }),
    );
    const hostile = scenarios.hostile?.actions(Date.now()) ?? [];
    const states = readdirSync(recorded).filter((name) =>
        /^(?!digests|verdicts)[a-z-]+(?:\.evidence)?\.json$/.test(name),
    );
    const report = commandIn(folder, {});
    return [
        ...(await applied("60 cancellations", sixty, join(folder, "sixty"))),
        ...(await applied("hostile names", hostile, join(folder, "hostile"))),
        ...(await Promise.all(
            states.map(async (name) => ({
                name: `rc.1, ${name}`,
                events: await report(["report", "--format", "ocsf", "--state", join(recorded, name)]),
            })),
        )),
    ];
}

/** Cancels the actions with `apply`, and returns the events of the report and of an audit that has no record. */
async function applied(name: string, actions: readonly ActionSeed[], path: string): Promise<EventSample[]> {
    await using simulator = await startSimulator({ actions: [...actions] });
    const ids = simulator.actions().map(({ id }) => id);
    const [declaration, evidence] = [`${path}.yaml`, `${path}.json`];
    const command = commandIn(root, { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "simulated-token" });
    const entries = ids.map((id) => `  - machineActionId: ${id}\n`).join("");
    await writeFile(declaration, `version: 1\ncomment: "INC-4711"\ncancellations:\n${entries}`);
    await command(["apply", declaration, "--reason", "sample", "--as", "a/b/c", "--yes", "--evidence", evidence]);
    return [
        { name, events: await command(["report", "--format", "ocsf", "--state", evidence]) },
        { name: `${name}, undeclared`, events: await command(["audit", "--format", "ocsf"]) },
    ];
}

/** Runs the command, and returns its result. */
function commandIn(cwd: string, env: Readonly<Record<string, string>>): (args: readonly string[]) => Promise<string> {
    return async (args) => {
        let [out, errors] = ["", ""];
        const stop = new AbortController().signal;
        const stdout = writer((text) => {
            out += text;
        });
        const stderr = writer((text) => {
            errors += text;
        });
        const host = { env: { PATH: process.env.PATH, ...env }, cwd, stdin: Readable.from([""]), stdout, stderr, stop };
        const code = await runCli(args, { ...host, clock: systemClock, ties: { quotaStore: memoryStore() } });
        // The audit finds something, as it should.
        if (code !== 0 && code !== 2) {
            throw new Error(`${args.join(" ")} ended with ${code}: ${errors}`);
        }
        return out.trimEnd();
    };
}

function writer(take: (text: string) => void): Writable {
    return new Writable({
        write(chunk, _, done) {
            take(String(chunk));
            done();
        },
    });
}
