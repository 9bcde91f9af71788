/** The error to show when the simulator cannot listen: what happened and what to do. Other errors stay as they are. */
export function startFailure(error: unknown, { host, port }: { host: string; port: number }): unknown {
    const { code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
    switch (code) {
        case "EADDRINUSE":
            return new Error(
                `port ${port} of ${host} is in use: choose another one with --port, or leave --port out for a free one`,
                { cause: error },
            );
        case "EACCES":
            return new Error(
                `this user may not listen on port ${port} of ${host}: choose a port from 1024 with --port, or run the ` +
                    "simulator as an administrator",
                { cause: error },
            );
        case "EADDRNOTAVAIL":
        case "ENOTFOUND":
        case "EAI_AGAIN":
        case "EINVAL":
            return new Error(
                `${host} is not an address of this machine: choose another one with --host, or leave --host out for ` +
                    "127.0.0.1",
                { cause: error },
            );
        default:
            return error;
    }
}
