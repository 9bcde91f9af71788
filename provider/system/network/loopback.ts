/** Whether the host of a URL is this machine: localhost, 127.0.0.0/8 or ::1, as `URL` writes them. */
export function isLoopback(hostname: string): boolean {
    return (
        /^(?:.+\.)?localhost\.?$/i.test(hostname) ||
        /^127\.\d+\.\d+\.\d+\.?$/.test(hostname) ||
        /^\[(?:::1|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})\]$/i.test(hostname)
    );
}
