import { InputError } from "./events.ts";

/** Where events go. The stack has each value as an output. */
export interface Target {
    /** The endpoint for log ingestion, without a path. */
    readonly endpoint: string;
    /** The immutable id of the data collection rule. */
    readonly ruleId: string;
    /** The stream that the rule declares. */
    readonly stream: string;
    /** The resource for which the sender requests a token. */
    readonly audience: string;
}

const publicAudience = "https://monitor.azure.com";

/** The last part of an endpoint's host, and the audience of its cloud. */
const clouds: readonly (readonly [suffix: string, audience: string])[] = [
    [".ingest.monitor.azure.com", publicAudience],
    [".ingest.monitor.azure.us", "https://monitor.azure.us"],
    [".ingest.monitor.azure.cn", "https://monitor.azure.cn"],
];

/** For tests. */
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Reads the target from the environment; throws an `InputError`. */
export function targetOf(env: NodeJS.ProcessEnv): Target {
    const { LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID, LOGS_INGESTION_STREAM } = env;
    if (!LOGS_INGESTION_ENDPOINT || !LOGS_INGESTION_RULE_ID || !LOGS_INGESTION_STREAM) {
        throw new InputError(
            "Set LOGS_INGESTION_ENDPOINT, LOGS_INGESTION_RULE_ID and LOGS_INGESTION_STREAM to the stack outputs " +
                "ingestionEndpoint, ruleImmutableId and streamName.",
        );
    }
    if (!/^dcr-[\da-z]+$/i.test(LOGS_INGESTION_RULE_ID)) {
        throw new InputError(
            "LOGS_INGESTION_RULE_ID is not the immutable id of a data collection rule, which begins with dcr-. Take " +
                "the stack output ruleImmutableId.",
        );
    }
    const { origin, audience } = endpointOf(LOGS_INGESTION_ENDPOINT);
    return { endpoint: origin, ruleId: LOGS_INGESTION_RULE_ID, stream: LOGS_INGESTION_STREAM, audience };
}

/** The token goes to this host, so it must be one of Azure Monitor. */
function endpointOf(text: string): { origin: string; audience: string } {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const host = url?.hostname ?? "";
    const audience = loopback.has(host) ? publicAudience : clouds.find(([suffix]) => host.endsWith(suffix))?.[1];
    if (url?.protocol !== "https:" || audience === undefined) {
        throw new InputError(
            "LOGS_INGESTION_ENDPOINT is not the endpoint of a data collection endpoint, such as " +
                "https://NAME.REGION.ingest.monitor.azure.com. Take the stack output ingestionEndpoint.",
        );
    }
    return { origin: url.origin, audience };
}
