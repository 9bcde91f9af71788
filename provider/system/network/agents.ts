import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { attemptMs, nameAttempts } from "./connect-attempts.ts";
import { proxyAgentFor } from "./proxy.ts";

/** The agents that connect requests to their host: one for each URL scheme, as got expects them. */
export interface Agents {
    readonly http: HttpAgent;
    readonly https: HttpsAgent;
}

export interface DirectOptions {
    /** See {@link attemptMs}. */
    readonly attemptMs?: number;
    /** Resolves host names. Default: `dns.lookup`. */
    readonly lookup?: LookupFunction;
}

/**
 * Agents that connect directly to the host. Node's global agents are not used, because they belong to the user's
 * program, and because with NODE_USE_ENV_PROXY they would send even loopback requests through a proxy.
 */
export function directAgents({ attemptMs: perAttempt = attemptMs, lookup }: DirectOptions = {}): Agents {
    const options: AgentOptions = {
        // The values are those of Node's global agents.
        keepAlive: true,
        scheduling: "lifo",
        timeout: 5_000,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: perAttempt,
        ...(lookup ? { lookup } : {}),
    };
    return { http: new DirectHttpAgent(options), https: new DirectHttpsAgent(options) };
}

type Connect = HttpAgent["createConnection"];

/** `toJSON` keeps the agent's sockets, and so the headers of other requests, out of Azure's verbose logs. */
class DirectHttpAgent extends HttpAgent {
    override createConnection(...given: Parameters<Connect>): ReturnType<Connect> {
        return withNamedAttempts(super.createConnection(...given));
    }

    toJSON(): string {
        return "DirectHttpAgent";
    }
}

class DirectHttpsAgent extends HttpsAgent {
    override createConnection(...given: Parameters<Connect>): ReturnType<Connect> {
        return withNamedAttempts(super.createConnection(...given));
    }

    toJSON(): string {
        return "DirectHttpsAgent";
    }
}

/** Adds the listener before all other listeners, so that they see the new message. */
function withNamedAttempts(socket: ReturnType<Connect>): ReturnType<Connect> {
    socket?.prependListener("error", nameAttempts);
    return socket;
}

let direct: Agents | undefined;

/** The agents for a request to this URL: through the proxy of HTTPS_PROXY, or directly to the host. */
export function agentsFor(url: string | URL): Agents {
    direct ??= directAgents();
    return { http: direct.http, https: proxyAgentFor(url) ?? direct.https };
}
