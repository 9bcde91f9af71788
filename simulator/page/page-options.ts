/** Where the live page is served. Every option has a default. */
export interface PageOptions {
    /**
     * The address to listen on. Default `127.0.0.1`. With an address that other machines can reach, each of them can
     * see the page, which shows no tokens and accepts no changes.
     */
    host?: string;
    /** TCP port. Default 0: any free one. */
    port?: number;
    /** How often the page gets what changed, milliseconds of real time. Default 500. */
    intervalMs?: number;
}
