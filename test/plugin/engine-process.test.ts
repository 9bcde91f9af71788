import test from "ava";
import { isPluginProcess, stopSignal, tieToEngine } from "../../provider/plugin/engine-process.ts";

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
    const listeners = () => process.stdout.listenerCount("error") + process.stdin.listenerCount("end");
    const before = listeners();
    tieToEngine();
    t.is(listeners(), before);
    t.false(stopSignal().aborted);
});
