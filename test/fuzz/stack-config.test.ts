import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { clouds, endpointsOf, regions } from "../../provider/api/clouds.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { environmentOnly, ownNameKey, readSettings, settings } from "../../provider/session/config.ts";
import { credentialSources } from "../../provider/sign-in/credential-sources.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileText } from "../helpers/hostile.ts";

const configKeys = [
    ...Object.keys(settings).map((key) => `defender:${key}`),
    ...Object.keys(environmentOnly).map((key) => `defender:${key}`),
    ...credentialSources.flatMap(({ kind, names }) => (kind === "stack config" ? Object.values(names) : [])),
    ownNameKey,
];
const variables = [
    ...Object.values(settings).map(({ variable }) => variable),
    ...credentialSources.flatMap(({ kind, names, otherNames = {} }) =>
        kind === "environment" ? [...Object.values(names), ...Object.values(otherNames)] : [],
    ),
    ...["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
    ...["SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN"],
];

const value = fc.oneof(
    {
        weight: 3,
        arbitrary: fc.constantFrom(
            ...Object.keys(clouds),
            ...regions,
            "warn",
            "strict",
            "off",
            "true",
            "false",
            "1",
            "100",
            "5000",
        ),
    },
    {
        weight: 1,
        arbitrary: fc.constantFrom(
            "0",
            "-1",
            "1e9",
            "1e999",
            "NaN",
            "Infinity",
            "0x10",
            " 7 ",
            "07",
            "",
            "tenant",
            "client",
            "proof",
        ),
    },
    { weight: 1, arbitrary: hostileText },
);
const given = (keys: readonly string[], most: number) =>
    fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: most });

// A secret is remembered for the life of the process: the thousands of this test must not.
const secretsKey = Symbol.for("pulumi-defender-cancellation/secrets");
const forgetSecrets = () => (globalThis as { [secretsKey]?: Set<string> })[secretsKey]?.clear();

function settingsOf(config: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv) {
    try {
        return readSettings((key) => (Object.hasOwn(config, key) ? config[key] : undefined), environment);
    } catch (error) {
        assert.ok(error instanceof DefenderError, `${error}`);
        assert.ok(["ERR_DEFENDER_CONFIGURATION", "ERR_DEFENDER_NO_CREDENTIAL"].includes(error.code), error.code);
        assert.ok(!isDeceptive(error.message), error.message);
        return undefined;
    } finally {
        forgetSecrets();
    }
}

const guarded = {
    DEFENDER_GUARD: "/etc/defender/guard.yaml",
    DEFENDER_APPROVED_DIGEST: `${"ab".repeat(32)}:${"0".repeat(16)}`,
};

test("whatever stands in stack config, it neither redirects, nor raises a limit, nor weakens a check", (t) =>
    fuzz(
        t,
        "stack config",
        fc.property(given(configKeys, 5), given(variables, 3), (config, environment) => {
            const read = settingsOf(config, { ...environment, ...guarded });
            if (!read) {
                return;
            }
            const cloud = environment.DEFENDER_CLOUD || config["defender:cloud"] || "public";
            const region = environment.DEFENDER_REGION || config["defender:region"] || undefined;
            const { apiUrl, tokenScope, authorityHost } = read;
            assert.deepEqual({ apiUrl, tokenScope, authorityHost }, endpointsOf(cloud, region));
            for (const [name, byDefault] of [
                ["requestsPerMinute", 100],
                ["requestsPerHour", 1_500],
            ] as const) {
                const most = Number(environment[settings[name].variable] || byDefault);
                assert.ok(read[name] >= 1 && read[name] <= most, name);
            }
            assert.ok(read.visibilityMs >= 0 && read.visibilityMs <= 3_600_000);
            assert.ok(read.preflight !== "off" || environment.DEFENDER_PREFLIGHT === "off");
            assert.equal(read.guardFile, guarded.DEFENDER_GUARD);
            assert.deepEqual(read.approvals, [{ digest: "ab".repeat(32), pairs: ["0".repeat(16)] }]);
            assert.ok(Object.keys(environmentOnly).every((key) => !Object.hasOwn(config, `defender:${key}`)));
        }),
    ));

const address = fc
    .array(
        fc.oneof(
            fc.constantFrom(
                "https:",
                "http:",
                "//",
                "localhost",
                "127.0.0.1",
                "[::1]",
                "@",
                ":",
                "8080",
                "/",
                "?",
                "#",
                "evil.example",
                "。",
                "\\",
            ),
            hostileText,
        ),
        {
            maxLength: 6,
        },
    )
    .map((parts) => parts.join(""));

test("an address of the API or the sign-in is https, or loopback for the API alone, with nothing hidden in it", (t) =>
    fuzz(
        t,
        "addresses",
        fc.property(address, fc.constantFrom("DEFENDER_API_URL", "AZURE_AUTHORITY_HOST"), (text, variable) => {
            const read = settingsOf({}, { [variable]: text, DEFENDER_ACCESS_TOKEN: "a-token" });
            if (!read || text === "") {
                return;
            }
            const shown = variable === "DEFENDER_API_URL" ? read.apiUrl : read.authorityHost;
            const { protocol, hostname, username, password, search, hash } = new URL(shown);
            const isLoopback = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname);
            assert.ok(
                protocol === "https:" || (protocol === "http:" && isLoopback && variable === "DEFENDER_API_URL"),
                shown,
            );
            assert.deepEqual([username, password, search, hash], ["", "", "", ""]);
            // What is put behind it stays behind it.
            assert.equal(new URL(`${shown}/api/machineactions`).origin, new URL(shown).origin);
        }),
    ));
