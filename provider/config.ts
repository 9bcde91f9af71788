import { DefenderError } from "./errors.ts";
import { describeValue } from "./foreign-text.ts";

/** How a preview looks at the actions: `warn` says what it sees, `strict` also fails on it, `off` does not look. */
export type PreflightMode = "warn" | "strict" | "off";

/** What the environment and the stack config say, checked. Holds a secret: never logged, never stored. */
export interface Settings {
    /** Where the API is: scheme, host, port and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    /** A ready bearer token for the API. */
    readonly accessToken: string | undefined;
    /** How long `up` waits out a 404 of an action that was never seen, in milliseconds. */
    readonly visibilityMs: number;
    readonly preflight: PreflightMode;
}

/** Reads a value of the stack config by its full key, as `pulumi.Config` and the plugin's `req.config` do. */
export type StackConfig = (key: `defender:${string}`) => string | undefined;

/**
 * `https://api.securitycenter.microsoft.com` still works; this is the name Microsoft documents today
 * (https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list).
 */
const defaultApiUrl = "https://api.security.microsoft.com";

// What could redirect the token, fake a success or weaken a check must not come from the tree under review.
const environmentOnly: Readonly<Record<string, string>> = {
    apiUrl: "DEFENDER_API_URL",
    tokenScope: "DEFENDER_TOKEN_SCOPE",
    authorityHost: "AZURE_AUTHORITY_HOST",
    guard: "DEFENDER_GUARD",
    approvedDigest: "DEFENDER_APPROVED_DIGEST",
};

// Ignoring one of these would act on another cloud, faster, or with less protection than was asked for.
const unsupported: readonly (readonly [key: string | undefined, variable: string])[] = [
    ["cloud", "DEFENDER_CLOUD"],
    ["region", "DEFENDER_REGION"],
    ["requestsPerMinute", "DEFENDER_REQUESTS_PER_MINUTE"],
    ["requestsPerHour", "DEFENDER_REQUESTS_PER_HOUR"],
    [undefined, "DEFENDER_GUARD"],
    [undefined, "DEFENDER_APPROVED_DIGEST"],
];

/**
 * Reads the settings: the environment first, then the stack config (namespace `defender`), then the defaults. The
 * environment wins because it belongs to the pipeline, while stack config belongs to the pull request.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` for a value that is wrong or stands where it must not.
 */
export function readSettings(stackConfig: StackConfig, environment: NodeJS.ProcessEnv): Settings {
    for (const [key, variable] of Object.entries(environmentOnly)) {
        if (stackConfig(`defender:${key}`) !== undefined) {
            throw wrong(`defender:${key} is not read from stack config: set ${variable} in the environment instead`);
        }
    }
    for (const [key, variable] of unsupported) {
        if (environment[variable]) {
            throw wrong(`${variable} is not supported yet: unset it`);
        }
        if (key !== undefined && stackConfig(`defender:${key}`) !== undefined) {
            throw wrong(`defender:${key} is not supported yet: remove it from the stack config`);
        }
    }
    if (stackConfig("defender:preflight") === "off") {
        throw wrong(
            'defender:preflight cannot be "off" in stack config: set DEFENDER_PREFLIGHT=off in the environment instead',
        );
    }
    const read = (key: string, variable: string): string | undefined =>
        environment[variable] || stackConfig(`defender:${key}`) || undefined;
    return {
        apiUrl: parseApiUrl(environment.DEFENDER_API_URL || defaultApiUrl),
        accessToken: parseToken(read("accessToken", "DEFENDER_ACCESS_TOKEN")),
        visibilityMs: parseSeconds("visibilitySeconds", read("visibilitySeconds", "DEFENDER_VISIBILITY_SECONDS"), 60),
        preflight: parsePreflight(read("preflight", "DEFENDER_PREFLIGHT")),
    };
}

function parseApiUrl(text: string): string {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
    if (!url || !secure || url.username || url.password || url.search || url.hash) {
        throw wrong(
            `DEFENDER_API_URL is ${describeValue(url ? `${url.protocol}//${url.host}` : text)}: expected an https URL ` +
                "without user, query or fragment (http only for a loopback address)",
        );
    }
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function isLoopback(hostname: string): boolean {
    return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parseToken(token: string | undefined): string | undefined {
    // Anything else cannot be a bearer token (RFC 6750, section 2.1) and would break the header.
    if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) {
        throw wrong(
            "the access token (DEFENDER_ACCESS_TOKEN or defender:accessToken) is not a bearer token: it holds " +
                'spaces or other characters that a token cannot have; give the token alone, without "Bearer "',
        );
    }
    return token;
}

function parseSeconds(key: string, text: string | undefined, byDefault: number): number {
    const seconds = text === undefined ? byDefault : Number(text);
    if (!Number.isFinite(seconds) || seconds < 0 || seconds > 3600) {
        throw wrong(`defender:${key} is ${describeValue(text)}: expected a number of seconds from 0 to 3600`);
    }
    return seconds * 1000;
}

function parsePreflight(mode: string | undefined): PreflightMode {
    if (mode === undefined || mode === "warn" || mode === "strict" || mode === "off") {
        return mode ?? "warn";
    }
    throw wrong(`defender:preflight is ${describeValue(mode)}: expected "warn", "strict" or "off"`);
}

function wrong(message: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_CONFIGURATION", message);
}
