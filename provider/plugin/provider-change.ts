import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { DefenderClient } from "../api/defender-client.ts";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import { type Properties, unknownValue } from "../schema/input-rules.ts";
import { type Credential, chooseCredential } from "../sign-in/credential-choice.ts";
import { readExpiry, readIdentity } from "../sign-in/credentials.ts";
import { changedSettings, configOf } from "./provider-settings.ts";

/** What a run with the old inputs must be able to do. */
export interface OldRun {
    open(): Promise<{ readonly client: Pick<DefenderClient, "list"> }>;
}

/**
 * The inputs of a provider whose change updates it; none if it stays as it is. An update makes `--expect-no-changes`
 * fail, so a new short-lived token in each run should not be one. But where the engine has refreshed resources before it
 * runs the program, it has already started the provider with the inputs in state, and it starts another one with the new
 * inputs only for an update (CLI 3.259.0). So a new credential is an update if it is that of another identity, if the
 * old one expires soon, or if the API does not accept the old one any more.
 */
export async function providerChanges(
    olds: Properties,
    news: Properties,
    environment: NodeJS.ProcessEnv,
    runWith: (inputs: Properties) => OldRun,
): Promise<readonly string[]> {
    const { credential, others } = changedSettings(olds, news);
    if (others.length > 0 || credential.length === 0 || credential.some((key) => news[key] === unknownValue)) {
        return others;
    }
    const [before, after] = [olds, news].map((inputs) => credentialIn(inputs, environment));
    if (isDeepStrictEqual(before, after)) {
        return [];
    }
    const isSame = before && after && isDeepStrictEqual(identityOf(before), identityOf(after));
    return isSame && !expiresBefore(before, after) && (await isAccepted(runWith(olds))) ? [] : credential;
}

/** The credential that these inputs and the environment give; undefined if a value is wrong, which a step reports. */
function credentialIn(inputs: Properties, environment: NodeJS.ProcessEnv): Credential | undefined {
    try {
        return chooseCredential(configOf(inputs, undefined), environment);
    } catch {
        return undefined;
    }
}

/** Who signs in with a credential, and with which roles, as far as it shows that. */
function identityOf(credential: Credential): unknown {
    if (credential.kind === "access token") {
        return readIdentity(credential.accessToken);
    }
    const { kind, ...others } = credential;
    return {
        tenantId: "tenantId" in others ? others.tenantId : undefined,
        clientId: "clientId" in others ? others.clientId : undefined,
        isPerson: kind === "Azure CLI",
    };
}

/** A ready token cannot be renewed, so it must last for the run; in milliseconds. */
const minLifeMs = 15 * 60_000;

/** Whether a ready token expires soon, and the new one later. */
function expiresBefore(before: Credential, after: Credential): boolean {
    const [old, next] = [before, after].map((one) =>
        one.kind === "access token" ? readExpiry(one.accessToken) : undefined,
    );
    return old !== undefined && next !== undefined && old < next && old - Date.now() < minLifeMs;
}

const refusals: readonly DefenderErrorCode[] = [
    "ERR_DEFENDER_CONFIGURATION",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_NO_CREDENTIAL",
    "ERR_DEFENDER_SIGN_IN",
    "ERR_DEFENDER_UNAUTHORIZED",
];

/** How long the API may take to show whether it accepts a credential, in milliseconds. */
const answerWithinMs = 30_000;

/** Whether the API accepts the credential of this run. It counts as accepted while the API does not answer. */
async function isAccepted(run: OldRun): Promise<boolean> {
    const answered = new AbortController();
    const late = delay(answerWithinMs, true, { ref: false, signal: answered.signal }).catch(() => true);
    try {
        return await Promise.race([reads(run), late]);
    } finally {
        answered.abort();
    }
}

async function reads(run: OldRun): Promise<boolean> {
    try {
        const { client } = await run.open();
        for await (const _ of client.list("status eq 'Pending'", { top: 1 })) {
            break;
        }
        return true;
    } catch (error) {
        return !(error instanceof DefenderError && refusals.includes(error.code));
    }
}
