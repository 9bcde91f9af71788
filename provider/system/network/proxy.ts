import type { Agent } from "node:https";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { registerSecret } from "../../text/redact.ts";
import { attemptMs, nameAttempts } from "./connect-attempts.ts";

const agents = new Map<string, Agent>();

/**
 * The agent that takes a request to its host through the proxy of HTTPS_PROXY; undefined if NO_PROXY names the host or
 * no proxy is set. Plain http goes only to a loopback address and never through a proxy.
 */
export function proxyAgentFor(url: string | URL): Agent | undefined {
    const target = new URL(url);
    const proxy = target.protocol === "https:" ? getProxyForUrl(target.href) : "";
    if (!proxy) {
        return undefined;
    }
    const agent = agents.get(proxy) ?? createAgent(new URL(proxy));
    agents.set(proxy, agent);
    return agent;
}

/** The URL of the environment's proxy without its user and password; undefined if no proxy is set. */
export function proxyWithoutPassword(url: string | URL): URL | undefined {
    const proxy = getProxyForUrl(new URL(url).href);
    if (!proxy) {
        return undefined;
    }
    const bare = new URL(proxy);
    bare.username = "";
    bare.password = "";
    return bare;
}

/** `toJSON` keeps the agent's headers, and through its sockets those of other requests, out of Azure's verbose logs. */
class QuietAgent extends HttpsProxyAgent<string> {
    override async connect(...given: Parameters<HttpsProxyAgent<string>["connect"]>): Promise<Socket> {
        try {
            return await super.connect(...given);
        } catch (error) {
            nameAttempts(error);
            throw error;
        }
    }

    toJSON(): string {
        return "HttpsProxyAgent";
    }
}

/** Sends the password in a header, because the agent writes its URL into debug logs. */
function createAgent(proxy: URL): Agent {
    const { username, password } = proxy;
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    registerSecret(decodeURIComponent(password));
    registerSecret(login);
    proxy.username = "";
    proxy.password = "";
    return new QuietAgent(proxy.href, {
        keepAlive: true,
        autoSelectFamilyAttemptTimeout: attemptMs,
        headers:
            username || password ? { "Proxy-Authorization": `Basic ${Buffer.from(login).toString("base64")}` } : {},
    });
}
