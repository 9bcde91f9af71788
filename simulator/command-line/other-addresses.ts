import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** The URLs by which other machines reach a server that is served on all addresses of this one; otherwise none. */
export function otherAddresses(host: string, url: string, interfaces: Interfaces = networkInterfaces()): string[] {
    if (host !== "0.0.0.0" && host !== "::") {
        return [];
    }
    const { protocol, port } = new URL(url);
    return Object.values(interfaces)
        .flatMap((some) => some ?? [])
        .filter(({ internal, family }) => !internal && family === "IPv4")
        .map(({ address }) => `${protocol}//${address}:${port}`);
}
