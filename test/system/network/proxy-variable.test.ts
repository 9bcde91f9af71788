import test from "ava";
import { readSettings } from "../../../provider/session/config.ts";
import { isLoopback } from "../../../provider/system/network/loopback.ts";
import { proxyFor } from "../../../provider/system/network/proxy-variable.ts";

const variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

test.beforeEach(() => {
    for (const name of variables) {
        delete process.env[name];
    }
});

const ofApp = { DEFENDER_TENANT_ID: "t", DEFENDER_CLIENT_ID: "c", DEFENDER_CLIENT_SECRET: "client-secret" };

for (const [proxy, why] of [
    ["http://user:p%ss@proxy:8080", /^its user or password holds a % that begins no encoded character/],
    ["http://user:p%a4ss-word@proxy:8080", /^its user or password holds a %/],
    ["http://user:pass/word@proxy:8080", /^it is not a URL/],
    ["http://user:12#pass-word@proxy:8080", /^it has a path, a query or a fragment/],
    ["http://proxy:80800", /^it is not a URL/],
    ["http://", /^it is not a URL/],
    ["socks5://user:pass-word@proxy:1080", /^proxies of the kind "socks5" are not supported/],
] as const) {
    test.serial(`a proxy variable that cannot be read is named, without its value: ${proxy}`, (t) => {
        for (const variable of ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"]) {
            process.env[variable] = proxy;
            for (const credential of [ofApp, { DEFENDER_ACCESS_TOKEN: "a.b.c" }]) {
                const error = t.throws(() => readSettings(() => undefined, credential), {
                    code: "ERR_DEFENDER_CONFIGURATION",
                });
                const { message } = error;
                const [, said = ""] = message.split(`${variable} cannot be read: `);
                t.regex(said, why, message);
                t.regex(
                    said,
                    /Expected the URL of an http or https proxy, such as .* Correct the variable, or unset it/,
                );
                t.notRegex(message, /p%|word@|pass-word/);
            }
        }
    });
}

test.serial("a proxy is read with and without a scheme, and its user and password are decoded", (t) => {
    for (const [text, href, password] of [
        ["http://proxy:8080", "http://proxy:8080/", ""],
        [" https://proxy:8443/\n", "https://proxy:8443/", ""],
        ["proxy:8080", "http://proxy:8080/", ""],
        ["http://user:p%25ss%40@proxy", "http://proxy/", "p%ss@"],
        ["user:word@proxy:1", "http://proxy:1/", "word"],
    ] as const) {
        process.env.HTTPS_PROXY = text;
        const proxy = proxyFor("https://api.security.microsoft.com/api");
        t.deepEqual([proxy?.url.href, proxy?.password], [href, password], text);
    }
});

test.serial("a variable that no request uses is not read", (t) => {
    process.env.HTTPS_PROXY = "http://user:p%ss@proxy";
    process.env.NO_PROXY = "*";
    t.is(proxyFor("https://api.security.microsoft.com"), undefined);
    process.env.NO_PROXY = "";
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "api.localhost"]) {
        t.true(isLoopback(new URL(`https://${host}`).hostname), host);
        t.is(proxyFor(`https://${host}:8443/x`), undefined);
    }
    for (const host of ["localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]", "mylocalhost"]) {
        t.false(isLoopback(new URL(`https://${host}`).hostname), host);
    }
});
