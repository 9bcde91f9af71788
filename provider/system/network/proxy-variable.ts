import { registerSecret } from "../../text/redact.ts";

/** The variables for https, in the order of proxy-from-env. */
const names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] as const;

/** The proxy of the environment, split as a request needs it. */
export interface ProxyServer {
    /** The URL without user and password. */
    readonly url: string;
    /** `user:password`, decoded; undefined if the URL has neither. */
    readonly login: string | undefined;
}

/** The value of a proxy variable, or why it cannot be read. */
export type ProxyReading = { readonly proxy: ProxyServer } | { readonly problem: string };

/**
 * Reads the proxy that applies to https; undefined where none is set. The problem names the variable and never shows
 * its value, which may hold a password. The password is registered as a secret, even if the variable cannot be read.
 */
export function readProxyVariable(environment: NodeJS.ProcessEnv): ProxyReading | undefined {
    const name = names.find((one) => environment[one]);
    const value = name && environment[name]?.trim();
    if (!name || !value) {
        return undefined;
    }
    registerSecret(/^(?:[^/]*\/\/)?[^:@]*:(.*)@/s.exec(value)?.[1]);
    const reading = readProxy(value);
    return "proxy" in reading
        ? reading
        : {
              problem:
                  `${name} cannot be read: ${reading.problem}. Expected http://HOST:PORT or ` +
                  "http://USER:PASSWORD@HOST:PORT (or https://), with user and password percent-encoded (% as %25, @ as " +
                  `%40, / as %2F). Nothing was sent. Correct ${name}, or unset it to connect directly`,
          };
}

function readProxy(value: string): ProxyReading {
    if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value)) {
        return { problem: "it has no scheme" };
    }
    if (!/^https?:\/\//i.test(value)) {
        return { problem: "its scheme is not http or https, and no other kind of proxy is supported" };
    }
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (!url) {
        return { problem: "its host or port is not valid, or its user or password is not percent-encoded" };
    }
    if (url.pathname !== "/" || url.search || url.hash) {
        return { problem: "it has a path, query or fragment, or its user or password is not percent-encoded" };
    }
    const [user, password] = [decoded(url.username), decoded(url.password)];
    if (user === undefined || password === undefined) {
        return { problem: "its user or password is not percent-encoded" };
    }
    const login = user || password ? `${user}:${password}` : undefined;
    registerSecret(password);
    registerSecret(login);
    url.username = "";
    url.password = "";
    return { proxy: { url: url.href, login } };
}

function decoded(text: string): string | undefined {
    try {
        return decodeURIComponent(text);
    } catch {
        return undefined;
    }
}
