import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** The network interfaces of a machine, as `networkInterfaces` returns them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The IPv4 addresses by which other machines reach a server on this host, if the host stands for all addresses of this
 * machine; otherwise none.
 */
export function addressesOf(host: string, interfaces: Interfaces = networkInterfaces()): string[] {
    return host === "0.0.0.0" || host === "::"
        ? Object.values(interfaces)
              .flatMap((some) => some ?? [])
              .filter(({ internal, family }) => !internal && family === "IPv4")
              .map(({ address }) => address)
        : [];
}
