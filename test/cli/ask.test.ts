import { PassThrough } from "node:stream";
import test from "ava";
import { isConfirmed } from "../../cli/apply/ask.ts";
import type { CliHost } from "../../cli/host.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

function terminal(typed: string | undefined, stop = new AbortController().signal) {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = new PassThrough();
    const host: CliHost = { env: {}, cwd: "/", stdin, stdout: new PassThrough(), stderr, clock: recordedClock(), stop };
    if (typed !== undefined) {
        stdin.end(typed);
    }
    return { host, asked: () => String(stderr.read() ?? "") };
}

test("only the word itself confirms", async (t) => {
    const { host, asked } = terminal("58\n");
    t.true(await isConfirmed("Type 58: ", "58", host));
    t.is(asked(), "Type 58: ");
    t.false(await isConfirmed("Type 58: ", "58", terminal("yes\n").host));
    t.false(await isConfirmed("Type 58: ", "58", terminal("\n").host));
});

test("Ctrl-C is no", async (t) => {
    t.false(await isConfirmed("Type 58: ", "58", terminal(undefined, AbortSignal.abort()).host));
});
