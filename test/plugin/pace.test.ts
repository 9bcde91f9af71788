import test from "ava";
import { urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene } from "../helpers/plugin-scene.ts";

test("a wait for the quota is a status on the stack, because single resources show no progress", async (t) => {
    await using scene = await startPluginScene({ DEFENDER_REQUESTS_PER_MINUTE: "3" });
    const { plugin, declared } = scene;
    const [one, other] = [urnOf("one"), urnOf("other")];
    const waiting = new Promise<unknown>((resolve) => {
        plugin.engine.onLine = (line) => void (/^waiting \d+ s /.test(line.line) && resolve(line));
    });
    const steps = Promise.allSettled([
        plugin.create(one, await declared(one)),
        plugin.create(other, await declared(other)),
    ]);
    t.like(await waiting, { severity: "info", urn: "", isEphemeral: true });
    await plugin.cancel();
    await steps;
});
