import test from "ava";
import { readSettings } from "../provider/config.ts";
import { DefenderError } from "../provider/errors.ts";

type Values = Readonly<Record<string, string>>;

const read = (environment: Values = {}, config: Values = {}) =>
    readSettings((key) => config[key.slice("defender:".length)], environment);

test("the defaults are the public cloud, no token, a minute of visibility and a preflight that warns", (t) => {
    t.deepEqual(read(), {
        apiUrl: "https://api.security.microsoft.com",
        accessToken: undefined,
        visibilityMs: 60_000,
        preflight: "warn",
    });
});

test("the environment wins over stack config, and an empty variable counts as unset", (t) => {
    const config = { accessToken: "from-config", visibilitySeconds: "5", preflight: "strict" };
    const environment = {
        DEFENDER_ACCESS_TOKEN: "from-environment",
        DEFENDER_VISIBILITY_SECONDS: "7",
        DEFENDER_PREFLIGHT: "off",
    };
    t.like(read({}, config), { accessToken: "from-config", visibilityMs: 5_000, preflight: "strict" });
    t.like(read(environment, config), { accessToken: "from-environment", visibilityMs: 7_000, preflight: "off" });
    t.like(read({ DEFENDER_ACCESS_TOKEN: "" }, config), { accessToken: "from-config" });
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
    "an approval in stack config": [{}, { approvedDigest: "00" }, /set DEFENDER_APPROVED_DIGEST in the environment/],
    "preflight off in stack config": [{}, { preflight: "off" }, /set DEFENDER_PREFLIGHT=off in the environment/],
    "another preflight": [
        { DEFENDER_PREFLIGHT: "loud" },
        {},
        /defender:preflight is "loud": expected "warn", "strict"/,
    ],
    "a guard, which this version does not read": [
        { DEFENDER_GUARD: "guard.yaml" },
        {},
        /DEFENDER_GUARD is not supported/,
    ],
    "another cloud, which this version does not know": [{}, { cloud: "us-dod" }, /defender:cloud is not supported yet/],
    "a time that is none": [
        {},
        { visibilitySeconds: "soon" },
        /defender:visibilitySeconds is "soon": expected a number/,
    ],
    "a negative time": [{ DEFENDER_VISIBILITY_SECONDS: "-1" }, {}, /expected a number of seconds from 0 to 3600/],
    "a token with its scheme": [{ DEFENDER_ACCESS_TOKEN: "Bearer abc" }, {}, /is not a bearer token/],
    "a token with a line break": [{}, { accessToken: "abc\r\nx-other: 1" }, /is not a bearer token/],
};

for (const [what, [environment, config, message]] of Object.entries(wrong)) {
    test(`${what} is refused`, (t) => {
        const error = t.throws(() => read(environment, config), { instanceOf: DefenderError, message });
        t.is(error?.code, "ERR_DEFENDER_CONFIGURATION");
        t.notRegex(error?.message ?? "", /secret|abc/);
    });
}
