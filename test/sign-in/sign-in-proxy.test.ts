import test from "ava";
import type { SignInSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { namedByProxy, startConnectProxy } from "../helpers/connect-proxy.ts";
import { otherNode } from "../helpers/other-node.ts";
import { clientSecret, environmentOf, observeOnce, simulate } from "../helpers/signed-in.ts";

/** The environment of a session whose API and authority only the proxy can reach. */
function behindProxy(simulator: SignInSimulator): Record<string, string> {
    return {
        ...environmentOf(simulator),
        DEFENDER_API_URL: namedByProxy(simulator.url, "api"),
        AZURE_AUTHORITY_HOST: namedByProxy(simulator.authorityUrl, "authority"),
        DEFENDER_CLIENT_SECRET: clientSecret,
    };
}

for (const version of ["this", "22.23.3"]) {
    test(`sign-in and API calls go through the proxy, and round it where NO_PROXY says, on ${version} Node`, async (t) => {
        const node = version === "this" ? process.execPath : await otherNode(version);
        await using simulator = await simulate({ tls: true });
        await using proxy = await startConnectProxy();
        const environment = {
            ...behindProxy(simulator),
            HTTPS_PROXY: proxy.url,
            // What the libraries write for whoever looks for a fault.
            DEBUG: "*",
            AZURE_LOG_LEVEL: "verbose",
            NODE_DEBUG: "http,https,net,tls",
        };
        const authorities = [simulator.certificate];
        const through = await observeOnce({ environment, authorities, node });
        t.is(through.status, "Pending", through.error);
        const hosts = [namedByProxy(simulator.url, "api"), namedByProxy(simulator.authorityUrl, "authority")].map(
            (url) => new URL(url).host,
        );
        t.deepEqual([...new Set(proxy.tunnels)].sort(), hosts.sort());
        t.true(through.printed.length > 1_000, "the libraries did write");
        for (const secret of [proxy.password, encodeURIComponent(proxy.password), proxy.login, clientSecret]) {
            t.false(through.printed.includes(secret));
        }

        const before = proxy.tunnels.length;
        const round = await observeOnce({ environment: { ...environment, NO_PROXY: ".test" }, authorities, node });
        t.regex(round.error ?? "", /^ERR_DEFENDER_NETWORK: .*ENOTFOUND|EAI_AGAIN/, "only the proxy knows the names");
        t.is(proxy.tunnels.length, before);
    });
}

test("a proxy that refuses is named, without its password", async (t) => {
    await using simulator = await simulate({ tls: true });
    await using proxy = await startConnectProxy();
    const wrong = proxy.url.replace("pipeline:", "intruder:");
    const reply = await observeOnce({
        environment: { ...behindProxy(simulator), HTTPS_PROXY: wrong },
        authorities: [simulator.certificate],
    });
    t.regex(reply.error ?? "", /^ERR_DEFENDER_NETWORK: .* got no answer from .*HTTP 407/);
    t.false(JSON.stringify(reply).includes(proxy.password));
});

test("loopback goes straight to its host at sign-in and for API calls over TLS, whatever proxies are set", async (t) => {
    await using simulator = await simulate({ tls: true });
    await using proxy = await startConnectProxy();
    await using plain = await startApiServer(() => ({ status: 502, body: {} }));
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"]) {
        const reply = await observeOnce({
            environment: {
                ...environmentOf(simulator),
                DEFENDER_CLIENT_SECRET: clientSecret,
                NODE_USE_ENV_PROXY: "1",
                [name]: name === "HTTP_PROXY" ? plain.url : proxy.url,
            },
            authorities: [simulator.certificate],
        });
        t.is(reply.status, "Pending", `${name}: ${reply.error}`);
    }
    t.deepEqual([...proxy.tunnels, ...plain.seen], []);
});

test("a proxy variable that cannot be read is named before anything is sent, without its password", async (t) => {
    await using simulator = await simulate({ tls: true });
    for (const name of ["HTTPS_PROXY", "all_proxy"]) {
        const reply = await observeOnce({
            environment: {
                ...environmentOf(simulator),
                DEFENDER_CLIENT_SECRET: clientSecret,
                [name]: "http://user:pl4nted-p%ss@proxy.example:8080",
            },
            authorities: [simulator.certificate],
        });
        t.true(reply.error?.startsWith(`ERR_DEFENDER_CONFIGURATION: ${name} cannot be read: `), reply.error);
        t.false(JSON.stringify(reply).includes("pl4nted"));
    }
    t.deepEqual(simulator.requests, []);
});
