import test from "ava";
import { isServer } from "../../cli/simulator.ts";
import { stopOnSignals } from "../../cli/stop-signals.ts";

/** A process that gets signals at given times. */
function signalled() {
    const listeners = new Map<string, () => void>();
    const exits: number[] = [];
    const texts: string[] = [];
    let now = 0;
    const process = {
        on: (signal: string, listener: () => void) => listeners.set(signal, listener),
        exit: (code: number) => exits.push(code),
    };
    const stop = stopOnSignals(
        process,
        (text) => texts.push(text),
        () => now,
    );
    return {
        stop,
        exits,
        texts,
        send(signal: string, afterMs = 0) {
            now += afterMs;
            listeners.get(signal)?.();
        },
    };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"]) {
    test(`${signal} stops the run once, and does not end the process`, (t) => {
        const { stop, exits, texts, send } = signalled();
        t.false(stop.aborted);
        send(signal);
        send("SIGTERM", 1_000);
        send("SIGHUP", 1_000);
        t.true(stop.aborted);
        t.deepEqual(exits, []);
        t.is(texts.length, 1);
    });

    test(`a Ctrl-C after ${signal} ends the process, but not the copy of a Ctrl-C that npx sends`, (t) => {
        const { exits, send } = signalled();
        send(signal);
        send("SIGINT", 100);
        t.deepEqual(exits, []);
        send("SIGINT", 1);
        t.deepEqual(exits, [130]);
    });
}

test("only the simulator serves requests, so that its end says nothing of requests under way", (t) => {
    t.true(isServer(["simulator", "--json"]));
    t.false(isServer(["apply", "simulator"]));
    t.false(isServer([]));
});
