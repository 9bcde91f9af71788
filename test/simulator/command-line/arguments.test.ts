import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readArguments } from "../../../simulator/command-line/arguments.ts";
import { UsageError } from "../../../simulator/command-line/usage-error.ts";

function fileWith(text: string, teardown: (clear: () => void) => void): string {
    const folder = mkdtempSync(join(tmpdir(), "command-arguments-"));
    teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "faults.json"), text);
    return join(folder, "faults.json");
}

test("without flags the command takes any free port, takes any token and lets nothing go wrong", (t) => {
    const { fleet, machines, ...settings } = readArguments([]);
    t.deepEqual(settings, {
        port: 0,
        host: "127.0.0.1",
        tls: false,
        hosts: undefined,
        caFile: undefined,
        token: undefined,
        signIn: false,
        apps: [],
        cancellationRequestor: "app id",
        forbiddenWording: "2026",
        quotas: [],
        faults: undefined,
        speed: 1,
        steps: false,
        page: undefined,
        json: false,
        help: false,
    });
    t.is(fleet(0).length, 8);
    t.deepEqual(machines(0), []);
});

test("a scenario brings its fleet, quotas and faults; own flags win", (t) => {
    const { fleet, quotas, faults } = readArguments(["--scenario", "bad-day"]);
    t.is(fleet(0).length, 29);
    t.is(quotas.length, 1);
    t.truthy(faults);
    t.is(readArguments(["--scenario", "bad-day", "--quota", "5/60"]).quotas[0]?.requests, 5);
    t.throws(() => readArguments(["--scenario", "late", "--fleet", "x"]), { message: /exclude each other/ });
});

test("a fleet file that is no list of actions is named in the complaint", (t) => {
    const file = fileWith('[{ "count": 0 }]', t.teardown);
    t.throws(() => readArguments(["--fleet", file]).fleet(0), { message: /^--fleet .*: .*\[0\]\.count/ });
});

test("a machines file brings machines, and one that is malformed is named in the complaint", (t) => {
    const file = fileWith('[{ "count": 3 }]', t.teardown);
    t.is(readArguments(["--machines", file]).machines(0).length, 3);
    const wrong = fileWith('[{ "onlin": true }]', t.teardown);
    t.throws(() => readArguments(["--machines", wrong]).machines(0), { message: /^--machines .*onlin/ });
});

test("the speed is a positive number", (t) => {
    t.is(readArguments(["--speed", "60"]).speed, 60);
    t.is(readArguments(["--speed=0.5"]).speed, 0.5);
    for (const wrong of ["0", "0.0", "-1", "fast", "1e3"]) {
        t.throws(() => readArguments([`--speed=${wrong}`]), { message: /--speed must be a positive number/ });
    }
    t.true(readArguments(["--steps"]).steps);
});

test("the complaint about a fleet file names the place, what is there and what is expected", (t) => {
    const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
    const complaints = {
        '[{ "creationDateTimeUtc": "yesterday" }]':
            /\[0\]\.creationDateTimeUtc: seen "yesterday", expected an ISO 8601/,
        '[{}, { "machine": { "backAt": "soon" } }]': /\[1\]\.machine\.backAt: seen "soon", expected an ISO 8601 time/,
        '[{ "cout": 3 }]': /\[0\]: unknown property "cout": did you mean count\?/,
        [`[{ "id": "${id}" }, {}, { "id": "${id.toUpperCase()}" }]`]:
            /\[2\]\.id: seen .*, expected an id that entry \[0\]/,
        "[": /: the file is not valid JSON: /,
    };
    for (const [text, message] of Object.entries(complaints)) {
        const file = fileWith(text, t.teardown);
        const error = t.throws(() => readArguments(["--fleet", file]).fleet(0), { message });
        t.true(error?.message.startsWith(`--fleet ${file}: `));
    }
});

test("a quota is so many requests in so many seconds, and there may be several", (t) => {
    t.deepEqual(readArguments(["--quota", "100/60", "--quota=1500/3600"]).quotas, [
        { requests: 100, periodMs: 60_000, window: "sliding" },
        { requests: 1_500, periodMs: 3_600_000, window: "sliding" },
    ]);
    for (const wrong of ["100", "0/60", "1/0", "1.5/60", "100/60s", "-1/60", "1/60/60"]) {
        t.throws(() => readArguments([`--quota=${wrong}`]), { message: /--quota must be N\/SECONDS/ });
    }
});

test("the faults are those of the file", (t) => {
    const file = fileWith('[{ "operation": "cancel", "nth": 1, "fault": "drop after" }]', t.teardown);
    const { faults } = readArguments(["--faults", file]);
    t.is(faults?.({ operation: "get", nth: 1, nthOverall: 1 }), undefined);
    t.is(faults?.({ operation: "cancel", nth: 1, nthOverall: 2 }), "drop after");
});

test("a file of faults that is not there, no JSON or no script is named in the complaint", (t) => {
    for (const file of ["/nosuch.json", fileWith("[", t.teardown), fileWith('[{"fault":"x"}]', t.teardown)]) {
        const error = t.throws(() => readArguments(["--faults", file]));
        t.true(error?.message.startsWith(`--faults ${file}: `), error?.message);
    }
});

test("a token of one's own and a sign-in exclude each other", (t) => {
    t.true(readArguments(["--sign-in"]).signIn);
    t.throws(() => readArguments(["--sign-in", "--token", "x"]), { message: /exclude each other/ });
});

test("an application of one's own turns the sign-in on", (t) => {
    const app = ["--app", "SOAR:Machine.Scan"];
    t.like(readArguments(app), { signIn: true, apps: [{ name: "SOAR", roles: ["Machine.Scan"] }] });
    t.is(readArguments([...app, "--app", "other:"]).apps.length, 2);
    const file = fileWith('[{ "name": "filed", "roles": [] }]', t.teardown);
    t.like(readArguments(["--apps", file]), { signIn: true, apps: [{ name: "filed", roles: [] }] });
    t.is(readArguments([...app, "--ca-file", "ca.pem"]).caFile, "ca.pem");
    t.throws(() => readArguments([...app, "--token", "x"]), { message: /^--token and --app exclude each other/ });
});

test("how the API shows a canceller, and words a 403, is one of few choices", (t) => {
    for (const [flag, given, expected] of [
        ["--cancellation-requestor", "object-id", { cancellationRequestor: "object id" }],
        ["--cancellation-requestor", "display-name", { cancellationRequestor: "display name" }],
        ["--cancellation-requestor", "app-id", { cancellationRequestor: "app id" }],
        ["--forbidden-wording", "2021", { forbiddenWording: "2021" }],
        ["--forbidden-wording", "2026", { forbiddenWording: "2026" }],
    ] as const) {
        t.like(readArguments([flag, given]), expected);
    }
    t.throws(() => readArguments(["--cancellation-requestor", "objectid"]), {
        instanceOf: UsageError,
        message: "unknown --cancellation-requestor objectid: did you mean object-id?",
    });
    t.throws(() => readArguments(["--forbidden-wording", "now"]), {
        instanceOf: UsageError,
        message: "unknown --forbidden-wording now: it must be one of 2026, 2021",
    });
});

test("an unknown scenario names the nearest, or all of them", (t) => {
    const complaints = {
        wrongscope: /^unknown scenario wrongscope: did you mean wrong-scope\?$/,
        LATE: /^unknown scenario LATE: did you mean late\?$/,
        toString: /^unknown scenario toString: --scenario must be one of demo, wrong-scope, /,
    };
    for (const [name, message] of Object.entries(complaints)) {
        t.throws(() => readArguments(["--scenario", name]), { instanceOf: UsageError, message });
    }
});

test("hosts are names and addresses, and turn TLS on", (t) => {
    t.like(readArguments(["--tls"]), { tls: true, hosts: undefined });
    const hosts = ["defender.contoso.example", "*.contoso.example", "192.0.2.7", "2001:db8::7", "soar"];
    t.like(readArguments(["--hosts", hosts.join(",")]), { tls: true, hosts });
    for (const wrong of ["https://a", "a,", ",", "a:443", "a/b", "a b", "*.*.a", "192.0.2", "a..b", "-a=", "é"]) {
        t.throws(() => readArguments([`--hosts=${wrong}`]), { instanceOf: UsageError, message: /^--hosts must be/ });
    }
});

test("the address to listen on is an IP address or a name", (t) => {
    for (const host of ["0.0.0.0", "::", "localhost", "sim.contoso.example"]) {
        t.is(readArguments(["--host", host]).host, host);
    }
    for (const wrong of ["300.0.0.1", "a b", "http://a", "a:80"]) {
        t.throws(() => readArguments(["--host", wrong]), { instanceOf: UsageError, message: /^--host must be/ });
    }
});

test("a file for the certificate authority needs TLS", (t) => {
    t.is(readArguments(["--ca-file", "ca.pem", "--sign-in"]).caFile, "ca.pem");
    t.is(readArguments(["--ca-file", "ca.pem", "--hosts", "a"]).caFile, "ca.pem");
    t.throws(() => readArguments(["--ca-file", "ca.pem"]), { message: /needs TLS: add --tls or --sign-in/ });
});

test("the live page is served where its address says, by default on any port of 127.0.0.1", (t) => {
    t.deepEqual(readArguments(["--page"]).page, {});
    const addresses = {
        "0.0.0.0:8080": { host: "0.0.0.0", port: 8_080 },
        "[::1]:0": { host: "::1", port: 0 },
        "localhost:65535": { host: "localhost", port: 65_535 },
    };
    for (const [address, page] of Object.entries(addresses)) {
        t.deepEqual(readArguments(["--page-address", address]).page, page);
        t.deepEqual(readArguments(["--page", "--page-address", address]).page, page);
    }
    for (const wrong of [
        "8080",
        ":8080",
        "0.0.0.0",
        "0.0.0.0:",
        "::1:80",
        "[::1]",
        "a:65536",
        "http://a:80",
        "a b:80",
    ]) {
        t.throws(() => readArguments(["--page-address", wrong]), {
            instanceOf: UsageError,
            message: /^--page-address must be HOST:PORT/,
        });
    }
});
