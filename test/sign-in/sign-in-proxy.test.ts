import test from "ava";
import { startConnectProxy } from "../helpers/connect-proxy.ts";
import { otherNode } from "../helpers/other-node.ts";
import { clientSecret, environmentOf, observeOnce, simulate } from "../helpers/signed-in.ts";

for (const version of ["this", "22.23.3"]) {
    test(`sign-in and API calls go through the proxy, and round it where NO_PROXY says, on ${version} Node`, async (t) => {
        const node = version === "this" ? process.execPath : await otherNode(version);
        await using simulator = await simulate({ tls: true });
        await using proxy = await startConnectProxy();
        const environment = {
            ...environmentOf(simulator),
            DEFENDER_CLIENT_SECRET: clientSecret,
            HTTPS_PROXY: proxy.url,
            // What the libraries write for whoever looks for a fault.
            DEBUG: "*",
            AZURE_LOG_LEVEL: "verbose",
            NODE_DEBUG: "http,https,net,tls",
        };
        const authorities = [simulator.certificate];
        const through = await observeOnce({ environment, authorities, node });
        t.is(through.status, "Pending", through.error);
        const hosts = [new URL(simulator.authorityUrl).host, new URL(simulator.url).host];
        t.deepEqual([...new Set(proxy.tunnels)].sort(), hosts.sort());
        t.true(through.printed.length > 1_000, "the libraries did write");
        for (const secret of [proxy.password, encodeURIComponent(proxy.password), proxy.login, clientSecret]) {
            t.false(through.printed.includes(secret));
        }

        const before = proxy.tunnels.length;
        const round = await observeOnce({ environment: { ...environment, NO_PROXY: "127.0.0.1" }, authorities, node });
        t.is(round.status, "Pending", round.error);
        t.is(proxy.tunnels.length, before);
    });
}

test("a proxy that refuses is named, without its password", async (t) => {
    await using simulator = await simulate({ tls: true });
    await using proxy = await startConnectProxy();
    const wrong = proxy.url.replace("pipeline:", "intruder:");
    const reply = await observeOnce({
        environment: { ...environmentOf(simulator), DEFENDER_CLIENT_SECRET: clientSecret, HTTPS_PROXY: wrong },
        authorities: [simulator.certificate],
    });
    t.regex(reply.error ?? "", /^ERR_DEFENDER_NETWORK: .* got no answer from .*HTTP 407/);
    t.false(JSON.stringify(reply).includes(proxy.password));
});
