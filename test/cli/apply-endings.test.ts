import test from "ava";
import { type Ending, endedApply } from "../helpers/ended-apply.ts";

const endings: Readonly<Record<string, Ending>> = {
    SIGHUP: { signals: ["SIGHUP"] },
    SIGTERM: { signals: ["SIGTERM"] },
    SIGKILL: { signals: ["SIGKILL"] },
    "two Ctrl-C": { signals: ["SIGINT", "SIGINT"] },
    stdout: { closes: "stdout" },
    stderr: { closes: "stderr" },
    limit: { fileLimit: 4 },
};
for (const [name, ending] of Object.entries(endings)) {
    test.serial(name, async (t) => {
        const at = Date.now();
        const run = await endedApply(t, { ending, atRequest: 3 });
        const file = await run.textOf("evidence.json");
        const report = await run.report("evidence.json");
        t.log(Date.now() - at, run.code, run.signal, run.seen.length, run.stdout.length);
        t.log(run.stderr);
        t.log(file?.slice(0, 3000));
        t.log(report.code, report.stderr, report.stdout.slice(0, 1200));
        t.pass();
    });
}
