import test from "ava";
import { createEngineStatus } from "../../provider/dynamic/engine-status.ts";
import { type LoggedLine, startStandInEngine } from "../helpers/stand-in-engine.ts";

test("a status reaches the engine as one clean line that its diagnostics do not keep", async (t) => {
    const engine = await startStandInEngine();
    t.teardown(engine.close);
    const arrived = new Promise<LoggedLine>((resolve) => {
        engine.onLine = resolve;
    });
    createEngineStatus(engine.address)("412/990, 6 min\u001b[31m\n::error::");
    const { line, ...others } = await arrived;
    t.deepEqual(others, { severity: "info", urn: "", isEphemeral: true });
    t.regex(line, /^412\/990, 6 min/);
    t.false(line.includes("\n") || line.includes("\u001b"));
});
