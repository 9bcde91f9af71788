import { once } from "node:events";
import test from "ava";
import { installEngineHooks, isPluginProcess } from "../../provider/dynamic/engine-process.ts";
import { cutOffSignal, stopSignal } from "../../provider/system/stop.ts";

test("only the SDK's plugin is the plugin process, on any system", (t) => {
    t.true(isPluginProcess("/app/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"));
    t.true(isPluginProcess("C:\\app\\node_modules\\@pulumi\\pulumi\\cmd\\dynamic-provider\\index.js"));
    for (const script of [
        undefined,
        "",
        "/app/index.js",
        "/app/cmd/dynamic-provider/index.js.map",
        "/app/cmd/run/index.js",
    ]) {
        t.false(isPluginProcess(script), script);
    }
});

test("elsewhere the process is left alone", (t) => {
    const listeners = () =>
        process.stdout.listenerCount("error") + process.stdin.listenerCount("end") + process.listenerCount("SIGTERM");
    const before = listeners();
    installEngineHooks();
    t.is(listeners(), before);
    t.false(stopSignal().aborted);
});

test("what is under way is cut off a while after the stop, not before and not at once", async (t) => {
    const stop = new AbortController();
    const early = cutOffSignal(stop.signal, 1);
    t.false(early.aborted);
    stop.abort();
    const late = cutOffSignal(stop.signal, 1);
    t.false(early.aborted);
    t.false(late.aborted);
    // The timers hold no process open: the test does.
    const open = setInterval(() => {}, 1_000);
    await Promise.all([early, late].map((signal) => signal.aborted || once(signal, "abort")));
    clearInterval(open);
    t.pass();
});
