import { settings } from "../../provider/session/config.ts";
import { configSource, credentialSources } from "../../provider/sign-in/credential-sources.ts";

/** A setting in the package schema. */
export interface SettingSpec {
    readonly type?: string;
    readonly description?: string;
    readonly secret?: boolean;
}

/** The page of the Pulumi Registry that has the table. */
export const settingsPage = "docs/installation-configuration.md";

const head = ["| setting | environment | type | meaning |", "| --- | --- | --- | --- |"];

/** The table of all settings of the provider. */
export function settingsTable(variables: Readonly<Record<string, SettingSpec>>): string {
    const rows = Object.entries(variables).map(([key, { type = "", description = "", secret = false }]) => {
        const variable = variableOf(key);
        const environment = variable === undefined ? "none" : `\`${variable}\``;
        return `| \`defender:${key}\` | ${environment} | ${type}${secret ? ", secret" : ""} | ${description} |`;
    });
    return [...head, ...rows].join("\n");
}

function variableOf(key: string): string | undefined {
    const ours: Readonly<Record<string, { readonly variable: string }>> = settings;
    const field = Object.entries(configSource.names).find(([, name]) => name === `defender:${key}`)?.[0];
    const environment: Readonly<Record<string, string>> = credentialSources[0]?.names ?? {};
    return ours[key]?.variable ?? environment[field ?? ""];
}

/** The page with this table in place of the one that it has. */
export function withSettingsTable(page: string, table: string): string {
    return page.replace(/^\| setting \|.*\n(?:\|.*\n)+/m, () => `${table}\n`);
}
