import { DefenderError } from "../model/errors.ts";
import { adviceOnRefused } from "../system/network/loopback.ts";
import { shortText } from "../text/sanitize.ts";
import type { Credential } from "./credential-choice.ts";

/**
 * The advice for each error number of Entra
 * (https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes).
 */
const advice: Readonly<Record<string, string>> = {
    7000215: "The client secret is wrong: give its value, not its id",
    7000222: "The client secret has expired: make a new one",
    7000218: "The app registration requires a secret or an assertion",
    700016: "There is no such app in this tenant: check the client id, the tenant id and the cloud",
    700027: "The certificate is not registered for this app, or has expired",
    700024: "The assertion is not valid now: check the clock and how long the token lives",
    70021: "No federated credential of the app matches: compare its issuer, subject and audience with the token's",
    700213: "No federated credential of the app matches the token's subject",
    700211: "No federated credential of the app matches the token's issuer",
    700212: "No federated credential of the app matches the token's audience",
    90002: "There is no such tenant: check the tenant id and the cloud",
    500011: "This tenant has no Defender API with this scope: check the cloud and DEFENDER_TOKEN_SCOPE",
    53003: "A conditional access policy blocks the sign-in",
};

/** The error of a failed sign-in. "Not configured", "refused" and "not reached" are different errors. */
export function notSignedIn(
    credential: Credential,
    authorityHost: string,
    error: unknown,
    unreachable: unknown,
): DefenderError {
    if (error instanceof DefenderError) {
        return error;
    }
    const said = error instanceof Error ? error.message : String(error);
    const how = `sign-in with the ${credential.kind.replace("Azure CLI", "Azure CLI's account")} from ${credential.source}`;
    const number = /AADSTS(\d+)/.exec(said)?.[1];
    if (number !== undefined) {
        const sentence =
            /AADSTS\d+:\s*(.*?)(?:\s*(?:\.\s|Trace ID:|Timestamp:|-\s*Correlation|$))/s.exec(said)?.[1] ?? "";
        const hint = Object.hasOwn(advice, number) ? `. ${advice[number]}${ofConnection(credential, number)}` : "";
        const ids = [idOf(said, "Trace ID"), idOf(said, "Correlation ID")].filter((id) => id !== undefined);
        return new DefenderError(
            "ERR_DEFENDER_SIGN_IN",
            `the ${how} was refused: AADSTS${number}${sentence ? `: ${shortText(sentence, 300)}` : ""}${hint}${loginCommand(credential, said)}` +
                (ids.length > 0 ? ` (${ids.join(", ")})` : ""),
        );
    }
    if (unreachable !== undefined) {
        const { code, message } = unreachable as { code?: unknown; message?: unknown };
        return new DefenderError(
            "ERR_DEFENDER_NETWORK",
            `the ${how} got no answer from ${hostOf(authorityHost)}: ` +
                shortText([code, message].filter((part) => typeof part === "string").join(", "), 500) +
                (code === "ECONNREFUSED" ? adviceOnRefused(authorityHost, "AZURE_AUTHORITY_HOST") : ""),
        );
    }
    if (credential.kind === "Azure CLI" && credential.source === "the Azure CLI") {
        return new DefenderError(
            "ERR_DEFENDER_NO_CREDENTIAL",
            "no credential for the Defender API is configured: set DEFENDER_TENANT_ID and DEFENDER_CLIENT_ID with " +
                "DEFENDER_CLIENT_SECRET or another proof, or DEFENDER_ACCESS_TOKEN, in the environment " +
                `(the package's docs/configuration.md). ${azureCliProblem(said)}`,
        );
    }
    return new DefenderError("ERR_DEFENDER_SIGN_IN", `the ${how} failed: ${shortText(said, 300)}`);
}

/**
 * Why the Azure CLI, the last source of a credential, gave no token. The library has a sentence of its own for each of
 * two causes. Any other text is the CLI's, which may name the command that helps, such as `az login --scope ...`.
 */
function azureCliProblem(said: string): string {
    switch (true) {
        case said.startsWith("Azure CLI could not be found."):
            return "The Azure CLI, the last source, is not installed";
        case said.startsWith("Please run 'az login' from a command prompt"):
            return "The Azure CLI, the last source, has no account to use: run `az login`";
        default:
            return `The Azure CLI, the last source, gave no token: ${shortText(said.trim(), 500)}`;
    }
}

/** The command to sign in again that the Azure CLI names after an error of Entra. */
function loginCommand(credential: Credential, said: string): string {
    const command =
        credential.kind === "Azure CLI" && /\baz login(?: +--[\w-]+ +(?:"[^"\s]*"|[^\s"'`]+))+/.exec(said)?.[0];
    return command ? `. Run \`${shortText(command, 200)}\`` : "";
}

/** The errors of a token that no federated credential matches. */
const mismatches = ["70021", "700211", "700212", "700213"];

function ofConnection(credential: Credential, number: string): string {
    return credential.kind === "workload identity" &&
        credential.assertion.from === "service connection" &&
        mismatches.includes(number)
        ? `. The token is that of the service connection ${credential.assertion.serviceConnectionId}: the tenant and ` +
              "the client id must be those of its app registration"
        : "";
}

function idOf(text: string, name: string): string | undefined {
    const id = new RegExp(`${name}:\\s*([0-9a-f-]{36})`, "i").exec(text)?.[1];
    return id && `${name.toLowerCase()} ${id}`;
}

function hostOf(url: string): string {
    return URL.canParse(url) ? new URL(url).host : "the authority";
}
