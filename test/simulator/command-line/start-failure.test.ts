import test from "ava";
import { startFailure } from "../../../simulator/command-line/start-failure.ts";

const address = { host: "127.0.0.1", port: 443 };
const messages = {
    EADDRINUSE: "port 443 of 127.0.0.1 is in use: choose another one with --port, or leave --port out for a free one",
    EACCES:
        "this user may not listen on port 443 of 127.0.0.1: choose a port from 1024 with --port, or run the " +
        "simulator as an administrator",
    EADDRNOTAVAIL:
        "127.0.0.1 is not an address of this machine: choose another one with --host, or leave --host out for 127.0.0.1",
};

for (const [code, message] of Object.entries(messages)) {
    test(`where listening fails with ${code}, the error says what to do`, (t) => {
        const cause = Object.assign(new Error(`listen ${code}`), { code });
        t.like(startFailure(cause, address), { message, cause });
    });
}

test("any other error stays as it is", (t) => {
    const error = new TypeError("There is already a machine action.");
    t.is(startFailure(error, address), error);
});
