import { isAbsolute } from "node:path";
import { clouds, endpointsOf, regions } from "../api/clouds.ts";
import { type Approval, parseApprovals } from "../guard/approvals.ts";
import { DefenderError } from "../model/errors.ts";
import { type Credential, chooseCredential } from "../sign-in/credential-choice.ts";
import { configSource } from "../sign-in/credential-sources.ts";
import { isLoopback } from "../system/network/loopback.ts";
import { describeValue } from "../text/sanitize.ts";

/** How a preview checks the actions: `warn` prints the findings, `strict` also fails on them, `off` reads nothing. */
export type PreflightMode = "warn" | "strict" | "off";

/**
 * The validated settings from the environment and the stack config. They contain a secret, so they are never logged or
 * stored.
 */
export interface Settings {
    /** The API's URL: scheme, host, port and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    /** The scope of the tokens. */
    readonly tokenScope: string;
    /** The URL of the authority that issues the tokens. */
    readonly authorityHost: string;
    /** Whether the authority comes from the environment instead of the table of clouds. */
    readonly isOwnAuthority: boolean;
    readonly credential: Credential;
    readonly requestsPerMinute: number;
    readonly requestsPerHour: number;
    /** How long `up` keeps reading an action that was never seen and for which the API answers 404, in milliseconds. */
    readonly visibilityMs: number;
    readonly preflight: PreflightMode;
    /** How long a preview waits for its answers, sign-in included, in milliseconds. */
    readonly preflightMs: number;
    /** The path of the guard; undefined if there is none. */
    readonly guardFile: string | undefined;
    /** The approvals of declarations that the guard protects. */
    readonly approvals: readonly Approval[];
}

/** Reads a value of the stack config by its full key, as the plugin's `req.config` does. */
export type StackConfig = (key: `${string}:${string}`) => string | undefined;

/** The settings that are not a credential: the key in stack config, the variable, the default. */
export const settings = {
    cloud: { variable: "DEFENDER_CLOUD", byDefault: "public" },
    region: { variable: "DEFENDER_REGION", byDefault: undefined },
    requestsPerMinute: { variable: "DEFENDER_REQUESTS_PER_MINUTE", byDefault: 100 },
    requestsPerHour: { variable: "DEFENDER_REQUESTS_PER_HOUR", byDefault: 1500 },
    visibilitySeconds: { variable: "DEFENDER_VISIBILITY_SECONDS", byDefault: 60 },
    preflight: { variable: "DEFENDER_PREFLIGHT", byDefault: "warn" },
} as const;

/**
 * The settings that could redirect the token, fake a success or weaken a check. They must not come from the tree under
 * review. Maps the key that a user might try in stack config to the variable that replaces it.
 */
export const environmentOnly: Readonly<Record<string, string>> = {
    apiUrl: "DEFENDER_API_URL",
    tokenScope: "DEFENDER_TOKEN_SCOPE",
    authorityHost: "AZURE_AUTHORITY_HOST",
    guard: "DEFENDER_GUARD",
    approvedDigest: "DEFENDER_APPROVED_DIGEST",
    preflightSeconds: "DEFENDER_PREFLIGHT_SECONDS",
    oidcRequestUrl: "DEFENDER_OIDC_REQUEST_URL",
    oidcRequestToken: "DEFENDER_OIDC_REQUEST_TOKEN",
    oidcAzureServiceConnectionId: "DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID",
};

/**
 * Reads the settings: the environment first, then the stack config (namespace `defender`), then the defaults. The
 * environment takes precedence because it belongs to the pipeline, while stack config belongs to the pull request.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for a value that is wrong or in the wrong place.
 */
export function readSettings(stackConfig: StackConfig, environment: NodeJS.ProcessEnv): Settings {
    for (const [key, variable] of Object.entries(environmentOnly)) {
        if (stackConfig(`defender:${key}`) !== undefined) {
            throw wrong(`defender:${key} is not read from stack config: set ${variable} in the environment instead`);
        }
    }
    if (stackConfig("defender:preflight") === "off") {
        throw wrong(
            'defender:preflight cannot be "off" in stack config: set DEFENDER_PREFLIGHT=off in the environment instead',
        );
    }
    const read = (key: keyof typeof settings): Value => {
        const { variable } = settings[key];
        return environment[variable]
            ? { name: variable, text: environment[variable] }
            : { name: `defender:${key}`, text: stackConfig(`defender:${key}`) || undefined };
    };
    const endpoints = parseEndpoints(read("cloud"), read("region"));
    const { AZURE_AUTHORITY_HOST: authorityHost, DEFENDER_API_URL: apiUrl, DEFENDER_TOKEN_SCOPE: scope } = environment;
    const limit = (key: "requestsPerMinute" | "requestsPerHour") =>
        parseLimit(
            settings[key].byDefault,
            { name: settings[key].variable, text: environment[settings[key].variable] || undefined },
            { name: `defender:${key}`, text: stackConfig(`defender:${key}`) || undefined },
        );
    const credential = chooseCredential(stackConfig, environment);
    refuseOtherCredential(stackConfig, credential);
    return {
        apiUrl: apiUrl ? parseUrl("DEFENDER_API_URL", apiUrl) : endpoints.apiUrl,
        tokenScope: scope ? parseScope(scope) : endpoints.tokenScope,
        authorityHost: authorityHost ? parseUrl("AZURE_AUTHORITY_HOST", authorityHost) : endpoints.authorityHost,
        isOwnAuthority: Boolean(authorityHost),
        credential,
        requestsPerMinute: limit("requestsPerMinute"),
        requestsPerHour: limit("requestsPerHour"),
        visibilityMs: parseSeconds(read("visibilitySeconds"), settings.visibilitySeconds.byDefault),
        preflight: parsePreflight(read("preflight")),
        preflightMs: parsePreflightSeconds(environment.DEFENDER_PREFLIGHT_SECONDS || undefined),
        guardFile: parseGuardPath(environment.DEFENDER_GUARD),
        approvals: parseApprovals(environment.DEFENDER_APPROVED_DIGEST),
    };
}

/** The key of the explicit provider's name; absent in the config of a stack. */
export const ownNameKey = "defender:provider";

/** A provider with its own credential must not use another one, which would be that of another tenant. */
function refuseOtherCredential(stackConfig: StackConfig, { source }: Credential): void {
    const name = stackConfig(ownNameKey);
    const own = configSource.name;
    const held = Object.values(configSource.names).filter((key) => stackConfig(key as `defender:${string}`));
    if (name !== undefined && held.length > 0 && source !== own) {
        throw wrong(
            `the provider ${describeValue(name)} has a credential of its own (${held.join(", ")}), but ${source} supply ` +
                "one, which takes precedence: unset them, or remove the provider's credential",
        );
    }
}

/** A setting as it was found, under the name that a message can use. */
interface Value {
    readonly name: string;
    readonly text: string | undefined;
}

function parseEndpoints(cloud: Value, region: Value) {
    const found = endpointsOf(cloud.text ?? settings.cloud.byDefault, region.text);
    if (found) {
        return found;
    }
    if (!endpointsOf(cloud.text ?? settings.cloud.byDefault, undefined)) {
        throw wrong(`${cloud.name} is ${describeValue(cloud.text)}: expected one of ${Object.keys(clouds).join(", ")}`);
    }
    throw wrong(
        `${region.name} is ${describeValue(region.text)}: expected one of ${regions.join(", ")}, and only in the cloud ` +
            `"public" (here: ${describeValue(cloud.text ?? settings.cloud.byDefault)})`,
    );
}

/** Parses a URL, and removes the slash at its end. */
function parseUrl(name: string, text: string): string {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    // Sign-in always needs TLS, even on loopback, because the library refuses plain http.
    const mayBePlain = name === "DEFENDER_API_URL" && url?.protocol === "http:" && isLoopback(url.hostname);
    if (!url || !(url.protocol === "https:" || mayBePlain) || url.username || url.password || url.search || url.hash) {
        throw wrong(
            `${name} is ${describeValue(url ? `${url.protocol}//${url.host}` : text)}: expected an https URL without ` +
                `user, query or fragment${name === "DEFENDER_API_URL" ? " (http only for a loopback address)" : ""}`,
        );
    }
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function parseScope(scope: string): string {
    if (!/^\S+\/\.default$/.test(scope)) {
        throw wrong(`DEFENDER_TOKEN_SCOPE is ${describeValue(scope)}: expected a scope that ends with "/.default"`);
    }
    return scope;
}

/** Stack config can only lower the limit that applies without it. */
function parseLimit(byDefault: number, variable: Value, config: Value): number {
    const limits = [variable, config].map(({ name, text }) => {
        const limit = text === undefined ? undefined : Number(text);
        if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)) {
            throw wrong(`${name} is ${describeValue(text)}: expected a whole number of requests, at least 1`);
        }
        return limit;
    });
    const base = limits[0] ?? byDefault;
    return Math.min(base, limits[1] ?? base);
}

function parseSeconds({ name, text }: Value, byDefault: number): number {
    const seconds = text === undefined ? byDefault : Number(text);
    if (!Number.isFinite(seconds) || seconds < 0 || seconds > 3600) {
        throw wrong(`${name} is ${describeValue(text)}: expected a number of seconds from 0 to 3600`);
    }
    return seconds * 1000;
}

/**
 * An empty path is refused, because it is a mistake in the pipeline and not a request for no guard. A relative path is
 * refused, because it would name a file in the program's folder, which the reviewed tree could replace.
 */
export function parseGuardPath(path: string | undefined): string | undefined {
    if (path !== undefined && !isAbsolute(path)) {
        throw wrong(
            `DEFENDER_GUARD is ${describeValue(path)}: expected the absolute path of a file outside the reviewed tree. ` +
                "To use no guard, unset the variable",
        );
    }
    return path;
}

/** The default is enough for a slow sign-in and a slow API. */
function parsePreflightSeconds(text = "30"): number {
    const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(seconds >= 1 && seconds <= 600)) {
        throw wrong(
            `DEFENDER_PREFLIGHT_SECONDS is ${describeValue(text)}: expected a number of seconds from 1 to 600, such as 30 or 2.5`,
        );
    }
    return seconds * 1000;
}

function parsePreflight({ name, text }: Value): PreflightMode {
    if (text === undefined || text === "warn" || text === "strict" || text === "off") {
        return text ?? settings.preflight.byDefault;
    }
    throw wrong(`${name} is ${describeValue(text)}: expected "warn", "strict" or "off"`);
}

function wrong(message: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_CONFIGURATION", message);
}
