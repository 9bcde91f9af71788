import * as pulumi from "@pulumi/pulumi";
import { credentialSources, secretFields } from "../../sign-in/credential-sources.ts";
import { logLine } from "./log-line.ts";

/** The keys of stack config that hold a secret when they are set. */
export const credentialSecrets: readonly string[] = credentialSources
    .filter(({ kind, isOurs }) => kind === "stack config" && isOurs)
    .flatMap(({ names }) => secretFields.flatMap((field) => names[field] ?? []));

/** The SDK has this function but does not declare it, so it may be missing. */
const isConfigSecret = (pulumi.runtime as { isConfigSecret?: (key: string) => boolean }).isConfigSecret;

/**
 * Warns of credentials that the stack config does not mark as secret: the config file and the state hold them as plain
 * text.
 */
export function warnOfClearSecrets(keys: readonly string[], resource: pulumi.Resource): void {
    for (const key of keys) {
        if (pulumi.runtime.getConfig(key) !== undefined && isConfigSecret?.(key) === false) {
            logLine(
                "warn",
                `${key} is plain text in the stack config and in the state: set it with \`pulumi config set --secret ${key}\`, ` +
                    "or better in the environment",
                resource,
            );
        }
    }
}
