import * as pulumi from "@pulumi/pulumi";
import { credentialSources, secretFields } from "../../sign-in/credential-sources.ts";
import { logLine } from "./log-line.ts";

/** The keys of stack config that hold a secret when they are set. */
export const credentialSecrets: readonly string[] = credentialSources
    .filter(({ kind, isOurs }) => kind === "stack config" && isOurs)
    .flatMap(({ names }) => secretFields.flatMap((field) => names[field] ?? []));

/** The SDK knows it and keeps it to itself: asked only where it is there. */
const isConfigSecret = (pulumi.runtime as { isConfigSecret?: (key: string) => boolean }).isConfigSecret;

/** A credential in stack config that is not marked as a secret stands in clear in the config file and in state. */
export function warnOfClearSecrets(keys: readonly string[], resource: pulumi.Resource): void {
    for (const key of keys) {
        if (pulumi.runtime.getConfig(key) !== undefined && isConfigSecret?.(key) === false) {
            logLine(
                "warn",
                `${key} stands in clear in the stack config and in the state: set it with \`pulumi config set --secret ${key}\`, ` +
                    "or better in the environment",
                resource,
            );
        }
    }
}
