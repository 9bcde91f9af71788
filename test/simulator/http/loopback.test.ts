import test from "ava";
import { isLoopback } from "../../../simulator/http/loopback.ts";

test("only addresses that the machine keeps to itself are loopback", (t) => {
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "LOCALHOST"]) {
        t.true(isLoopback(host), host);
    }
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "127.0.0.1.contoso.example", "1127.0.0.1"]) {
        t.false(isLoopback(host), host);
    }
});
