import type { Agent } from "node:https";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { attemptMs, nameAttempts } from "./connect-attempts.ts";
import { isLoopback } from "./loopback.ts";
import { type ProxyServer, readProxyVariable } from "./proxy-variable.ts";

const agents = new Map<string, Agent>();

/**
 * The agent that takes a request to its host through the proxy of HTTPS_PROXY; undefined if NO_PROXY names the host, the
 * host is loopback, or no proxy is set. Plain http goes only to a loopback address and never through a proxy.
 */
export function proxyAgentFor(url: string | URL): Agent | undefined {
    const target = new URL(url);
    if (isLoopback(target.hostname) || !hasProxy(target)) {
        return undefined;
    }
    const reading = readProxyVariable(process.env);
    if (!reading) {
        return undefined;
    }
    if ("problem" in reading) {
        throw new Error(reading.problem);
    }
    const { url: proxyUrl, login = "" } = reading.proxy;
    const key = JSON.stringify([proxyUrl, login]);
    const agent = agents.get(key) ?? createAgent(reading.proxy);
    agents.set(key, agent);
    return agent;
}

/**
 * Why the proxy variable of the environment cannot be read; undefined if it can, or if NO_PROXY names all these hosts.
 * The variable must be readable even if only loopback hosts are called, so that a wrong one is found in a rehearsal.
 */
export function proxyProblem(urls: readonly string[]): string | undefined {
    const reading = urls.some((url) => hasProxy(new URL(url))) ? readProxyVariable(process.env) : undefined;
    return reading && "problem" in reading ? reading.problem : undefined;
}

/** Whether a proxy is set for https and NO_PROXY does not name the host. False for a URL that is not https. */
function hasProxy({ protocol, href }: URL): boolean {
    return protocol === "https:" && getProxyForUrl(href) !== "";
}

/**
 * `toJSON` keeps the agent's headers and its sockets, which hold the headers of other requests, out of Azure's verbose
 * logs.
 */
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
function createAgent({ url, login }: ProxyServer): Agent {
    return new QuietAgent(url, {
        keepAlive: true,
        autoSelectFamilyAttemptTimeout: attemptMs,
        headers: login ? { "Proxy-Authorization": `Basic ${Buffer.from(login).toString("base64")}` } : {},
    });
}
