import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import test from "ava";
import { openProgressBar, showsBar } from "../../../cli/apply/progress-bar.ts";
import type { CliHost } from "../../../cli/host.ts";
import type { SetProgress } from "../../../provider/lifecycles/set/set-progress.ts";
import { screenOf } from "../../helpers/apply-terminal.ts";
import { applyArguments, commandScene } from "../../helpers/command.ts";
import { recordedClock } from "../../helpers/recorded-clock.ts";

const { cache } = createRequire(import.meta.url);
const isLoaded = () => Object.keys(cache).some((path) => path.includes("/cli-progress/"));

/** A terminal of these columns, and what is on its screen. */
function terminal(columns = 80) {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns });
    const stop = new AbortController();
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const host: CliHost = { env: {}, cwd: "/", stdin, stdout, stderr, clock: recordedClock(), stop: stop.signal };
    let output = "";
    stderr.on("data", (text) => {
        // As the driver of a terminal does.
        output += String(text).replaceAll("\n", "\r\n");
    });
    return { host, stop, screen: () => screenOf(output) };
}

const half: SetProgress = {
    total: 4,
    succeeded: 2,
    failures: new Map(),
    unproven: 1,
    ended: new Map(),
    leftMs: undefined,
};
const line = "2/4; 1 not proven yet [############------------]";

test.serial("the library is loaded only where a bar is shown", async (t) => {
    const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
    const { run, write } = await commandScene(t, { actions: [{ id }] });
    await write("incident.yaml", `version: 1\ncomment: INC-4711\ncancellations: [{ machineActionId: ${id} }]\n`);
    t.is((await run(applyArguments)).code, 0);
    t.false(isLoaded());
    const { host, stop } = terminal();
    (await openProgressBar(host, stop.signal)).end();
    t.true(isLoaded());
});

test("the bar stays below the lines, which are cleaned, and its end leaves nothing", async (t) => {
    const { host, stop, screen } = terminal();
    const bar = await openProgressBar(host, stop.signal);
    bar.log("before");
    bar.follow(() => half);
    t.deepEqual(screen(), ["before", line]);
    bar.log("::error::a \u001b[31mname\nof two lines");
    t.deepEqual(screen(), ["before", ": :error::a name of two lines", line]);
    bar.end();
    bar.follow(() => half);
    bar.log("after");
    t.deepEqual(screen(), ["before", ": :error::a name of two lines", "after", ""]);
});

test("a line above the bar is broken at blanks, and the bar stays below it", async (t) => {
    const { host, stop, screen } = terminal(60);
    const bar = await openProgressBar(host, stop.signal);
    bar.follow(() => half);
    bar.log(`${"ws-0001 ".repeat(9)}end`);
    t.deepEqual(screen(), ["ws-0001 ".repeat(7).trim(), "    ws-0001 ws-0001 end", line]);
    bar.end();
});

test("a terminal that says 0 columns gets the whole line", async (t) => {
    const { host, stop, screen } = terminal(0);
    const bar = await openProgressBar(host, stop.signal);
    bar.follow(() => half);
    t.deepEqual(screen(), [line]);
    bar.end();
});

test("a stop removes the bar at once, and it does not come back", async (t) => {
    const { host, stop, screen } = terminal();
    const bar = await openProgressBar(host, stop.signal);
    bar.follow(() => half);
    stop.abort();
    t.deepEqual(screen(), [""]);
    bar.follow(() => half);
    t.deepEqual(screen(), [""]);
    bar.end();
});

test("a pipe, a terminal that cannot draw a line again, and CI get no bar", (t) => {
    const { host } = terminal();
    t.true(showsBar(host));
    t.false(showsBar({ ...host, stderr: new PassThrough() }));
    t.false(showsBar({ ...host, env: { TERM: "dumb" } }));
    t.false(showsBar({ ...host, env: { CI: "true" } }));
});
