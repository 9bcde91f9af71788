import test from "ava";
import { otherAddresses } from "../../../simulator/command-line/other-addresses.ts";

const common = { netmask: "", mac: "", cidr: null };
const interfaces = {
    lo: [{ ...common, address: "127.0.0.1", family: "IPv4", internal: true } as const],
    eth0: [
        { ...common, address: "192.0.2.7", family: "IPv4", internal: false } as const,
        { ...common, address: "fe80::1", family: "IPv6", internal: false, scopeid: 2 } as const,
    ],
    gone: undefined,
};

test("on all addresses, the addresses for other machines are those of the network", (t) => {
    for (const host of ["0.0.0.0", "::"]) {
        t.deepEqual(otherAddresses(host, "https://127.0.0.1:8443", interfaces), ["https://192.0.2.7:8443"]);
    }
    t.deepEqual(otherAddresses("0.0.0.0", "http://127.0.0.1:80", { lo: interfaces.lo }), []);
});

test("on an address of its own, there are no others", (t) => {
    for (const host of ["127.0.0.1", "192.0.2.7", "sim.contoso.example"]) {
        t.deepEqual(otherAddresses(host, "http://127.0.0.1:8443", interfaces), []);
    }
});
