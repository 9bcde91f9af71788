import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { attemptMs, nameAttempts } from "./connect-attempts.ts";
import { proxyAgentFor } from "./proxy.ts";

/** How requests get to their host: by URL scheme, as got takes them. */
export interface Agents {
    readonly http: HttpAgent;
    readonly https: HttpsAgent;
}

export interface DirectOptions {
    /** See {@link attemptMs}. */
    readonly attemptMs?: number;
    /** How addresses are found. Default: `dns.lookup`. */
    readonly lookup?: LookupFunction;
}

/**
 * Agents that go straight to the host. They are made here because Node's global ones belong to the user's program, and
 * because with NODE_USE_ENV_PROXY those would take even loopback through a proxy.
 */
export function directAgents({ attemptMs: perAttempt = attemptMs, lookup }: DirectOptions = {}): Agents {
    const options: AgentOptions = {
        // As Node's global agents have it.
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

/** In Azure's verbose logs an agent would show its sockets, and through them the headers of other requests. */
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

/** First of all listeners: those who come later see the message. */
function withNamedAttempts(socket: ReturnType<Connect>): ReturnType<Connect> {
    socket?.prependListener("error", nameAttempts);
    return socket;
}

let direct: Agents | undefined;

/** The agents for a request to this URL: through the proxy of HTTPS_PROXY, or straight to the host. */
export function agentsFor(url: string | URL): Agents {
    direct ??= directAgents();
    return { http: direct.http, https: proxyAgentFor(url) ?? direct.https };
}
