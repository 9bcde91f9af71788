import test from "ava";
import { startSimulator } from "../../../simulator/index.ts";

test("the page can be served on a chosen port", async (t) => {
    const first = await startSimulator({ page: {} });
    const port = Number(new URL(first.pageUrl ?? "").port);
    await first.close();
    await using second = await startSimulator({ page: { host: "127.0.0.1", port } });
    t.is(second.pageUrl, `http://127.0.0.1:${port}`);
});

test("a port in use makes the start fail, says so, and leaves nothing running", async (t) => {
    await using first = await startSimulator({ page: {} });
    const port = Number(new URL(first.pageUrl ?? "").port);
    await t.throwsAsync(startSimulator({ page: { port } }), {
        message: new RegExp(`^The live page cannot be served on 127\\.0\\.0\\.1:${port}: this port is in use\\.`),
    });
});

test("when the API or the sign-in cannot start, the page ends too", async (t) => {
    await using first = await startSimulator();
    const free = await startSimulator();
    const port = Number(new URL(free.url).port);
    await free.close();
    await t.throwsAsync(startSimulator({ port: Number(new URL(first.url).port), page: { port } }), {
        code: "EADDRINUSE",
    });
    const app = { tenantId: "t", clientId: "c", roles: [], certificate: "no certificate" };
    await t.throwsAsync(startSimulator({ signIn: { apps: [app] }, page: { port } }));
    await using last = await startSimulator({ page: { port } });
    t.is(last.pageUrl, `http://127.0.0.1:${port}`, "the port is free again");
});
