/** Whether only this machine can reach a server on this address. */
export function isLoopback(host: string): boolean {
    return /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/i.test(host);
}
