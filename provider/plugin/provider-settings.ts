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

/**
 * The failures of a provider's inputs: unknown names, keys of the environment alone, and values that are wrong. None
 * shows a value, and none names a property, whose value the engine would print: the engine does not tell this check
 * which inputs are secret (CLI 3.259.0).
 */
export function settingFailures(inputs: Properties, environment: NodeJS.ProcessEnv): CheckFailure[] {
    const given = Object.keys(inputs).filter((key) => !ofEngine.includes(key) && inputs[key] !== undefined);
    const reasons = given.flatMap((key): string[] => {
        const variable = Object.hasOwn(environmentOnly, key) ? environmentOnly[key] : undefined;
        const name = shortText(key, 60);
        if (variable !== undefined) {
            return [`${name} is not a setting of a provider: set ${variable} in the environment instead`];
        }
        return names.includes(key)
            ? []
            : [`${name} is not a setting of this provider: expected one of ${names.join(", ")}`];
    });
    return (reasons.length > 0 ? reasons : wrongValues(inputs, environment)).map((reason) => ({
        property: "",
        reason,
    }));
}

/** A value that a preview does not know counts as absent, and is checked in the update. */
function wrongValues(inputs: Properties, environment: NodeJS.ProcessEnv): string[] {
    const { views } = inputs;
    if (views !== undefined && views !== unknownValue && !["true", "false"].includes(textOf(views))) {
        return ["views is not usable: expected true or false"];
    }
    try {
        readSettings(configOf(inputs, undefined), environment);
        return [];
    } catch (error) {
        // A missing credential is no failure of these inputs, and a step that needs none can do without it.
        return error instanceof DefenderError && error.code === "ERR_DEFENDER_CONFIGURATION"
            ? [withoutValue(errorLine(error))]
            : [];
    }
}

/** The message about a setting without the value that was seen; the message about a variable as it is. */
function withoutValue(message: string): string {
    const [, start, expected] = /^(.*?\bdefender:\w+) is .*(: expected .*)$/s.exec(message) ?? [];
    return start === undefined ? message : `${start} is not usable${expected?.replace(/ \(here: .*\)$/s, "")}`;
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
