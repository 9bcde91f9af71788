import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import { readSettings, type Settings } from "../../provider/session/config.ts";

type Values = Readonly<Record<string, string>>;

const read = (environment: Values = {}, config: Values = {}) =>
    readSettings((key) => config[key.slice("defender:".length)], environment);

test("the defaults are the public cloud, its documented quota, a minute of visibility and a preflight that warns", (t) => {
    const { credential, ...rest } = read();
    t.is(credential.kind, "Azure CLI");
    t.deepEqual(rest, {
        apiUrl: "https://api.security.microsoft.com",
        tokenScope: "https://api.securitycenter.microsoft.com/.default",
        authorityHost: "https://login.microsoftonline.com",
        isOwnAuthority: false,
        requestsPerMinute: 100,
        requestsPerHour: 1500,
        visibilityMs: 60_000,
        preflight: "warn",
        preflightMs: 30_000,
        guardFile: undefined,
        approvals: [],
    });
});

test("the bound of a preview's answers is a number of seconds from 1 to 600, from the environment alone", (t) => {
    for (const [text, ms] of [
        ["1", 1_000],
        ["2.5", 2_500],
        ["600", 600_000],
        ["", 30_000],
    ] as const) {
        t.is(read({ DEFENDER_PREFLIGHT_SECONDS: text }).preflightMs, ms);
    }
    for (const text of ["0.5", "601", "-3", "1e2", "30s", " 30", "NaN"]) {
        t.throws(() => read({ DEFENDER_PREFLIGHT_SECONDS: text }), {
            code: "ERR_DEFENDER_CONFIGURATION",
            message:
                /^DEFENDER_PREFLIGHT_SECONDS is .*: expected a number of seconds from 1 to 600, such as 30 or 2\.5$/,
        });
    }
    t.throws(() => read({}, { preflightSeconds: "1" }), {
        message: /set DEFENDER_PREFLIGHT_SECONDS in the environment/,
    });
});

test("guard and approvals come from the environment alone", (t) => {
    const digest = "0123456789ABCDEF".repeat(4);
    const pair = "00112233aabbccdd";
    const approved = `${digest}:${pair}, ${"0".repeat(64)}:${pair}`;
    t.like(read({ DEFENDER_GUARD: "/etc/guard.yaml", DEFENDER_APPROVED_DIGEST: approved }), {
        guardFile: "/etc/guard.yaml",
        approvals: [digest.toLowerCase(), "0".repeat(64)].map((one) => ({ digest: one, pairs: [pair] })),
    });
});

test("the environment wins over stack config, and an empty variable counts as unset", (t) => {
    const config = { accessToken: "from-config", visibilitySeconds: "5", preflight: "strict", cloud: "us-gcc" };
    const environment = {
        DEFENDER_ACCESS_TOKEN: "from-environment",
        DEFENDER_VISIBILITY_SECONDS: "7",
        DEFENDER_PREFLIGHT: "off",
        DEFENDER_CLOUD: "us-dod",
    };
    const token = (settings: Settings) =>
        settings.credential.kind === "access token" ? settings.credential.accessToken : undefined;
    const fromConfig = read({}, config);
    t.like(fromConfig, {
        apiUrl: "https://api-gcc.securitycenter.microsoft.us",
        visibilityMs: 5_000,
        preflight: "strict",
    });
    t.is(token(fromConfig), "from-config");
    const fromEnvironment = read(environment, config);
    t.like(fromEnvironment, {
        apiUrl: "https://api-gov.securitycenter.microsoft.us",
        authorityHost: "https://login.microsoftonline.us",
        visibilityMs: 7_000,
        preflight: "off",
    });
    t.is(token(fromEnvironment), "from-environment");
    t.is(token(read({ DEFENDER_ACCESS_TOKEN: "" }, config)), "from-config");
});

test("stack config can lower the quota, and not raise it", (t) => {
    const minute = (environment: Values, config: Values) => read(environment, config).requestsPerMinute;
    t.is(minute({}, { requestsPerMinute: "30" }), 30);
    t.is(minute({}, { requestsPerMinute: "3000" }), 100);
    t.is(minute({ DEFENDER_REQUESTS_PER_MINUTE: "50" }, { requestsPerMinute: "3000" }), 50);
    t.is(minute({ DEFENDER_REQUESTS_PER_MINUTE: "50" }, { requestsPerMinute: "20" }), 20);
    t.is(minute({ DEFENDER_REQUESTS_PER_MINUTE: "500" }, {}), 500);
    t.is(read({}, { requestsPerHour: "900" }).requestsPerHour, 900);
});

test("the environment alone gives another authority or scope", (t) => {
    t.like(
        read({
            AZURE_AUTHORITY_HOST: "https://login.example/",
            DEFENDER_TOKEN_SCOPE: "https://api.example/.default",
        }),
        { authorityHost: "https://login.example", isOwnAuthority: true, tokenScope: "https://api.example/.default" },
    );
});

test("another API is https, or http on a loopback address, and may have a path", (t) => {
    for (const [url, apiUrl] of [
        ["https://api-gov.securitycenter.microsoft.us", "https://api-gov.securitycenter.microsoft.us"],
        ["https://gateway.example/defender/", "https://gateway.example/defender"],
        ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
        ["http://localhost:1/", "http://localhost:1"],
        ["http://[::1]:1", "http://[::1]:1"],
    ] as const) {
        t.is(read({ DEFENDER_API_URL: url }).apiUrl, apiUrl);
    }
});

const wrong: Readonly<Record<string, readonly [Values, Values, RegExp]>> = {
    "http to another machine": [
        { DEFENDER_API_URL: "http://api.example" },
        {},
        /DEFENDER_API_URL is "http:\/\/api.example"/,
    ],
    "a loopback look-alike": [{ DEFENDER_API_URL: "http://127.0.0.1.evil.example" }, {}, /expected an https URL/],
    "a user in the URL": [{ DEFENDER_API_URL: "https://user:secret@api.example" }, {}, /expected an https URL/],
    "no URL": [{ DEFENDER_API_URL: "api.example" }, {}, /DEFENDER_API_URL is "api.example"/],
    "a URL in stack config": [{}, { apiUrl: "https://attacker.example" }, /set DEFENDER_API_URL in the environment/],
    "a guard in stack config": [{}, { guard: "guard.yaml" }, /set DEFENDER_GUARD in the environment/],
    "an OIDC request in stack config": [
        {},
        { oidcRequestUrl: "https://attacker.example", oidcRequestToken: "t" },
        /set DEFENDER_OIDC_REQUEST_URL in the environment/,
    ],
    "a service connection in stack config": [
        {},
        { oidcAzureServiceConnectionId: "30000000-0000-4000-8000-000000000003" },
        /set DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID in the environment/,
    ],
    "an approval in stack config": [{}, { approvedDigest: "00" }, /set DEFENDER_APPROVED_DIGEST in the environment/],
    "preflight off in stack config": [{}, { preflight: "off" }, /set DEFENDER_PREFLIGHT=off in the environment/],
    "another preflight": [
        { DEFENDER_PREFLIGHT: "loud" },
        {},
        /DEFENDER_PREFLIGHT is "loud": expected "warn", "strict"/,
    ],
    "a guard in the folder of the program": [
        { DEFENDER_GUARD: "guard.yaml" },
        {},
        /DEFENDER_GUARD is "guard.yaml": expected the absolute path of a file outside the reviewed tree/,
    ],
    "a guard of nothing": [{ DEFENDER_GUARD: "" }, {}, /DEFENDER_GUARD is "": expected the absolute path/],
    "a short digest": [
        { DEFENDER_APPROVED_DIGEST: "e7958193adee" },
        {},
        /DEFENDER_APPROVED_DIGEST holds "e7958193adee": expected DIGEST:PAIR\+PAIR… with a declaration digest of 64/,
    ],
    "a bare digest": [
        { DEFENDER_APPROVED_DIGEST: "ab".repeat(32) },
        {},
        /as a preview prints .*A bare digest approves nothing/,
    ],
    "a cloud that does not exist": [{}, { cloud: "mars" }, /defender:cloud is "mars": expected one of public, us-gcc/],
    "a region that does not exist": [
        { DEFENDER_REGION: "mars" },
        {},
        /DEFENDER_REGION is "mars": expected one of us, eu/,
    ],
    "a region of another cloud": [
        { DEFENDER_CLOUD: "us-dod" },
        { region: "us" },
        /defender:region is "us": .* only in the cloud "public" \(here: "us-dod"\)/,
    ],
    "an authority in stack config": [{}, { authorityHost: "https://x" }, /set AZURE_AUTHORITY_HOST in the environment/],
    "a scope in stack config": [{}, { tokenScope: "x/.default" }, /set DEFENDER_TOKEN_SCOPE in the environment/],
    "an authority without TLS": [
        { AZURE_AUTHORITY_HOST: "http://127.0.0.1:1" },
        {},
        /AZURE_AUTHORITY_HOST is "http:\/\/127.0.0.1:1": expected an https URL/,
    ],
    "a scope of the wrong form": [{ DEFENDER_TOKEN_SCOPE: "https://api.example" }, {}, /ends with "\/.default"/],
    "a quota of nothing": [
        {},
        { requestsPerMinute: "0" },
        /defender:requestsPerMinute is "0": expected a whole number/,
    ],
    "a quota that is no number": [{ DEFENDER_REQUESTS_PER_HOUR: "lots" }, {}, /DEFENDER_REQUESTS_PER_HOUR is "lots"/],
    "a time that is none": [
        {},
        { visibilitySeconds: "soon" },
        /defender:visibilitySeconds is "soon": expected a number/,
    ],
    "a negative time": [{ DEFENDER_VISIBILITY_SECONDS: "-1" }, {}, /expected a number of seconds from 0 to 3600/],
};

for (const [what, [environment, config, message]] of Object.entries(wrong)) {
    test(`${what} is refused`, (t) => {
        const error = t.throws(() => read(environment, config), { instanceOf: DefenderError, message });
        t.is(error?.code, "ERR_DEFENDER_CONFIGURATION");
        t.notRegex(error?.message ?? "", /secret|abc/);
    });
}
