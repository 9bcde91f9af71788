import { request } from "node:http";
import test from "ava";
import { startSimulator } from "../../../simulator/index.ts";

/** The status and body of a request with this Host header. */
function ask(url: string, host: string, method = "GET"): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
        const sent = request(url, { method, agent: false, headers: { host } }, async (response) => {
            const chunks = await response.toArray();
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
        sent.on("error", reject).end();
    });
}

test("the page is one document that loads nothing, with a policy that allows its own script and style alone", async (t) => {
    await using simulator = await startSimulator({ page: {} });
    const response = await fetch(`${simulator.pageUrl}/`);
    t.is(response.status, 200);
    t.is(response.headers.get("content-type"), "text/html; charset=utf-8");
    t.is(response.headers.get("x-content-type-options"), "nosniff");
    t.is(response.headers.get("cache-control"), "no-store");
    const policy = response.headers.get("content-security-policy") ?? "";
    t.regex(policy, /^default-src 'none'; style-src 'sha256-[^ ]+'; script-src 'sha256-[^ ]+'; connect-src 'self';/);
    t.notRegex(policy, /unsafe|\*/);
    const html = await response.text();
    t.notRegex(html, /(?:src|href)="(?!data:,")|https?:|@import|url\(/);
    t.notRegex(html, /innerHTML|insertAdjacentHTML|document\.write|eval\(| on\w+="| style="/);
});

test("the page is on an address of its own, which the API does not know", async (t) => {
    await using simulator = await startSimulator({ page: {} });
    t.regex(simulator.pageUrl ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    t.not(simulator.pageUrl, simulator.url);
    t.is((await fetch(`${simulator.url}/events`, { headers: { authorization: "Bearer any" } })).status, 404);
    await using without = await startSimulator();
    t.is(without.pageUrl, undefined);
});

test("there is nothing else on it, and only GET is answered", async (t) => {
    await using simulator = await startSimulator({ page: {} });
    for (const path of ["/api/machineactions", "/favicon.ico", "//", "/events/"]) {
        t.is((await fetch(`${simulator.pageUrl}${path}`)).status, 404, path);
    }
    for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
        const response = await fetch(`${simulator.pageUrl}/events`, { method });
        t.is(response.status, 405, method);
        t.is(response.headers.get("allow"), "GET");
        t.is(response.headers.get("access-control-allow-origin"), null);
    }
});

test("a request under a foreign name is refused, for the page and for its stream", async (t) => {
    await using simulator = await startSimulator({ page: {} });
    const url = simulator.pageUrl ?? "";
    const { port } = new URL(url);
    for (const host of [`evil.example:${port}`, "evil.example", `127.0.0.1.evil.example:${port}`, "[::2]"]) {
        for (const path of ["/", "/events"]) {
            const { status, body } = await ask(`${url}${path}`, host);
            t.is(status, 421, host);
            t.notRegex(body, /<html/);
        }
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
        t.is((await ask(`${url}/`, host)).status, 200, host);
    }
});

test("on an address for other machines, any name of this machine will do", async (t) => {
    await using simulator = await startSimulator({ page: { host: "0.0.0.0" } });
    const { port } = new URL(simulator.pageUrl ?? "");
    t.not(new URL(simulator.pageUrl ?? "").hostname, "0.0.0.0", "a phone cannot open that");
    t.is((await ask(`http://127.0.0.1:${port}/`, "wall.contoso.example")).status, 200);
});
