/** Whether a URL's host name is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
    return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * The advice for a refused connection: on this machine it means that no server runs there. Empty for other hosts.
 * `setting`: the environment variable that names the URL.
 */
export function adviceOnRefused(url: string, setting: string): string {
    return URL.canParse(url) && isLoopback(new URL(url).hostname) ? `. Is the simulator running (${setting})?` : "";
}
