import { DefenderError, errorLine } from "../model/errors.ts";
import { type CheckFailure, type Properties, unknownValue } from "../schema/input-rules.ts";
import { environmentOnly, ownNameKey, readSettings, type StackConfig, settings } from "../session/config.ts";
import { configSource, secretFields } from "../sign-in/credential-sources.ts";
import { shortText } from "../text/sanitize.ts";

/**
 * The inputs of a provider resource: the stack config of the namespace `defender`, or the arguments of an explicit
 * provider. The rules are those of stack config: the environment takes precedence, and what could redirect a token is
 * read from the environment alone.
 */

/**
 * The settings of the provider plugin alone. They decide only what a run shows, so no variable takes precedence.
 * `views`: whether each machine of a set is shown as a row of its own.
 */
export const pluginSettings = { views: { byDefault: true } } as const;

/** Inputs that the engine adds itself, about the plugin and not about its settings. */
const ofEngine = [
    "version",
    "pluginDownloadURL",
    "pluginChecksums",
    "parameterization",
    "__internal",
    "__pulumi-go-provider-infer",
];

const names: readonly string[] = [
    ...Object.keys(settings),
    ...Object.values(configSource.names).map((key) => key.slice("defender:".length)),
    ...Object.keys(pluginSettings),
];

/** The settings that are secret even if the program does not mark them. */
export const secretSettings: ReadonlySet<string> = new Set<string>(secretFields);

/** Reads a setting as stack config has it: text. */
export function configOf(inputs: Properties, name: string | undefined): StackConfig {
    return (key) => {
        if (key === ownNameKey) {
            return name;
        }
        const value = key.startsWith("defender:") ? inputs[key.slice("defender:".length)] : undefined;
        return value === undefined || value === null || value === unknownValue ? undefined : textOf(value);
    };
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The name of an explicit provider; undefined for a default one. The engine names its default providers itself, by their
 * version and the source of the plugin, such as `default_1_0_0`.
 */
export function explicitName(name = ""): string | undefined {
    return name === "" || /^default(?:_v?\d+_\d+_.*|_(?:https?|github|gitlab)_.*)?$/s.test(name) ? undefined : name;
}

/** Whether sets show a row for each machine. */
export function showsViews(inputs: Properties): boolean {
    return textOf(inputs.views ?? pluginSettings.views.byDefault) !== "false";
}

/** The failures of a provider's inputs: unknown names, keys of the environment alone, and values that are wrong. */
export function settingFailures(
    inputs: Properties,
    secret: ReadonlySet<string>,
    environment: NodeJS.ProcessEnv,
): CheckFailure[] {
    const given = Object.keys(inputs).filter((key) => !ofEngine.includes(key) && inputs[key] !== undefined);
    const failures = given.flatMap((key): CheckFailure[] => {
        const variable = Object.hasOwn(environmentOnly, key) ? environmentOnly[key] : undefined;
        const name = shortText(key, 60);
        // The engine prints the value of a property that a failure names.
        const property = secret.has(key) || secretSettings.has(key) ? "" : name;
        if (variable !== undefined) {
            const reason = `${name} is not a setting of a provider: set ${variable} in the environment instead`;
            return [{ property, reason }];
        }
        const reason = `${name} is not a setting of this provider: expected one of ${names.join(", ")}`;
        return names.includes(key) ? [] : [{ property, reason }];
    });
    return failures.length > 0 ? failures : wrongValues(inputs, secret, environment);
}

/** A value that a preview does not know counts as absent, and is checked in the update. */
function wrongValues(inputs: Properties, secret: ReadonlySet<string>, environment: NodeJS.ProcessEnv): CheckFailure[] {
    const { views } = inputs;
    if (views !== undefined && views !== unknownValue && !["true", "false"].includes(textOf(views))) {
        const property = secret.has("views") ? "" : "views";
        return [{ property, reason: "views is neither true nor false: expected one of them" }];
    }
    try {
        readSettings(configOf(inputs, undefined), environment);
        return [];
    } catch (error) {
        // A message shows the value of the setting that it names, and cuts a long one.
        const words = errorLine(error).split(/\W+/);
        const hidden = [...secret].find((name) => words.includes(name));
        if (hidden !== undefined) {
            const reason = `${hidden} is secret, and its value is not usable: docs/configuration.md has the values`;
            return [{ property: "", reason }];
        }
        // A missing credential is no failure of these inputs, and a step that needs none can do without it.
        return error instanceof DefenderError && error.code === "ERR_DEFENDER_CONFIGURATION"
            ? [{ property: "", reason: errorLine(error) }]
            : [];
    }
}

/** The settings that differ: those of a credential, and the others. */
export function changedSettings(
    olds: Properties,
    news: Properties,
): { readonly credential: readonly string[]; readonly others: readonly string[] } {
    const isOfCredential = (key: string) => Object.values(configSource.names).includes(`defender:${key}`);
    const changed = names.filter((key) => textOf(olds[key] ?? null) !== textOf(news[key] ?? null));
    return { credential: changed.filter(isOfCredential), others: changed.filter((key) => !isOfCredential(key)) };
}
