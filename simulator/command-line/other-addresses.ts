import { addressesOf, type Interfaces } from "../http/own-addresses.ts";

/** The URLs by which other machines reach a server that is served on all addresses of this one; otherwise none. */
export function otherAddresses(host: string, url: string, interfaces?: Interfaces): string[] {
    const { protocol, port } = new URL(url);
    return addressesOf(host, interfaces).map((address) => `${protocol}//${address}:${port}`);
}
