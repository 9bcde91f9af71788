import { getProxyForUrl } from "proxy-from-env";
import { registerSecret } from "../../text/redact.ts";
import { isLoopback } from "./loopback.ts";

/** Why the variable that sets the proxy for requests to this URL cannot be read; undefined if it can, or is not set. */
export function proxyFault(url: string | URL): string | undefined {
    try {
        proxyFor(url);
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/** A proxy, from the environment. */
export interface ProxyAddress {
    readonly variable: string;
    /** Without user and password. */
    readonly url: URL;
    readonly username: string;
    readonly password: string;
}

/** In the order in which `proxy-from-env` reads them for an https URL. */
const variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/**
 * The proxy of HTTPS_PROXY for a URL; undefined if NO_PROXY names the host, or if no proxy is set. Throws an error that
 * names the variable if it cannot be read.
 *
 * Nothing for this machine goes through a proxy, whatever NO_PROXY says: the proxy would see the token. Plain http goes
 * only to this machine.
 */
export function proxyFor(given: string | URL): ProxyAddress | undefined {
    const target = new URL(given);
    if (target.protocol !== "https:" || isLoopback(target.hostname) || !getProxyForUrl(target.href)) {
        return undefined;
    }
    const variable = variables.find((name) => process.env[name]) ?? "HTTPS_PROXY";
    return parseProxy(variable, process.env[variable] ?? "");
}

/** Parses the value of a variable. As in curl, a value without a scheme is the host of an http proxy. */
function parseProxy(variable: string, value: string): ProxyAddress {
    const text = value.trim();
    const [, written = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^@]*:.*)@/i.exec(text) ?? [];
    // The value is never shown. Others may show it.
    registerSecret(written);
    registerSecret(written.slice(written.indexOf(":") + 1));
    const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
    const url = URL.canParse(whole) ? new URL(whole) : undefined;
    if (!url) {
        throw unreadable(variable, "it is not a URL; its port, or a character in its user or password, may be wrong");
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") {
        throw unreadable(variable, `proxies of the kind "${url.protocol.slice(0, -1)}" are not supported`);
    }
    if (url.search || url.hash || url.pathname !== "/") {
        throw unreadable(variable, "it has a path, a query or a fragment; its user or password may hold / ? or #");
    }
    try {
        const username = decodeURIComponent(url.username);
        const password = decodeURIComponent(url.password);
        url.username = "";
        url.password = "";
        return { variable, url, username, password };
    } catch {
        throw unreadable(variable, "its user or password holds a % that begins no encoded character");
    }
}

function unreadable(variable: string, why: string): Error {
    return new Error(
        `${variable} cannot be read: ${why}. Expected the URL of an http or https proxy, such as ` +
            "http://USER:PASSWORD@HOST:PORT, with the special characters of USER and PASSWORD percent-encoded (% as " +
            "%25, @ as %40). Correct the variable, or unset it; to reach the host without a proxy, name it in NO_PROXY",
    );
}
