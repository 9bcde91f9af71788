import type { Agent } from "node:https";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { registerSecret } from "../../text/redact.ts";
import { attemptMs, nameAttempts } from "./connect-attempts.ts";
import { type ProxyAddress, proxyFor } from "./proxy-variable.ts";

const agents = new Map<string, Agent>();

/**
 * The agent that takes a request to its host through the proxy of HTTPS_PROXY; undefined if NO_PROXY names the host, if
 * the host is this machine, or if no proxy is set. Throws an error if the proxy's variable cannot be read.
 */
export function proxyAgentFor(url: string | URL): Agent | undefined {
    const proxy = proxyFor(url);
    if (!proxy) {
        return undefined;
    }
    const key = `${proxy.url.href} ${proxy.username} ${proxy.password}`;
    const agent = agents.get(key) ?? createAgent(proxy);
    agents.set(key, agent);
    return agent;
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
function createAgent({ url, username, password }: ProxyAddress): Agent {
    const login = `${username}:${password}`;
    registerSecret(password);
    registerSecret(login);
    return new QuietAgent(url.href, {
        keepAlive: true,
        autoSelectFamilyAttemptTimeout: attemptMs,
        headers:
            username || password ? { "Proxy-Authorization": `Basic ${Buffer.from(login).toString("base64")}` } : {},
    });
}
