import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
    getMachineActionsToken,
    pluginName,
    type ResourceKind,
    resourceTypes,
} from "../../provider/model/resource-types.ts";
import type { Shape } from "./documented.ts";
import { cancellationExample, queryExample, setExample, withExamples } from "./examples.ts";
import { cancellationInputs, setInputs, watchedInputs } from "./inputs.ts";
import { cancellationOutputs, queryInputs, queryOutputs, setOutputs } from "./outputs.ts";
import { objectSpec, type Types } from "./pulumi-types.ts";
import { providerSettings } from "./settings.ts";

interface Manifest {
    readonly version: string;
    readonly description: string;
    readonly license: string;
    readonly homepage: string;
    readonly repository: { readonly url: string };
}

const descriptions: Readonly<Record<ResourceKind, string>> = {
    cancellation: withExamples(
        "The cancellation of one Microsoft Defender for Endpoint machine action. Its id is the action's GUID.\n\n" +
            "- `preview` reads the action and shows what `up` would do. It sends nothing.\n" +
            "- `up` sends one cancel request unless the action is final, and reads until a read that began after the " +
            "request was answered proves the final status. Without that proof it fails, and the state keeps what is known.\n" +
            "- `refresh`, and the refresh before each update, read the action and show drift as `desiredStatus`.\n" +
            "- `destroy` deletes the record and sends nothing, because a cancellation cannot be taken back.",
        [cancellationExample],
    ),
    set: withExamples(
        "The cancellations of a fleet in one step of the engine, at the pace of the API's quota.\n\n" +
            "- `preview` reads the actions in few requests, and shows how many `up` would cancel and which it would not. " +
            "It sends nothing.\n" +
            "- `up` cancels and proves each action that is not final, those first that are about to run. It attempts " +
            "every action, then fails if any failed. The next `up` continues with those.\n" +
            "- `refresh`, and the refresh before each update, read the actions and show drift by action.\n" +
            "- `destroy` deletes the record and sends nothing, because a cancellation cannot be taken back.",
        [setExample],
    ),
};

const queryDescription = withExamples(
    "Looks up machine actions, newest first. An action must match all given properties. It reads in previews too.\n\n" +
        "Use it to investigate, and to write declarations. Do not feed its results to a set: after the first `up` a " +
        "query for pending actions finds none of them any more, and so removes every entry from the set.",
    [queryExample],
);

/** Pulumi's package schema of the provider plugin, which `plugin/schema.json` holds. */
export function packageSchema(): unknown {
    const manifest = readManifest();
    const repository = manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
    const types: Types = {};
    const { properties: settings } = objectSpec(providerSettings, types);
    const resources = {
        [resourceTypes.cancellation.plugin]: {
            ...resourceSpec(
                "cancellation",
                cancellationInputs,
                { ...cancellationInputs, ...cancellationOutputs },
                types,
            ),
            stateInputs: {
                description: "The inputs of a cancellation that is only watched.",
                ...objectSpec(pick(cancellationInputs, watchedInputs), types),
            },
        },
        [resourceTypes.set.plugin]: resourceSpec("set", setInputs, { ...withoutList(setInputs), ...setOutputs }, types),
    };
    const functions = {
        [getMachineActionsToken]: {
            description: queryDescription,
            inputs: objectSpec(queryInputs, types),
            outputs: objectSpec(queryOutputs, types),
        },
    };
    return {
        name: pluginName,
        displayName: "Microsoft Defender cancellations",
        version: manifest.version,
        description: manifest.description,
        keywords: ["pulumi", "defender", "microsoft-defender", "incident-response", "category/cloud", "kind/native"],
        homepage: manifest.homepage,
        repository,
        publisher: new URL(repository).pathname.split("/")[1],
        license: manifest.license,
        meta: { supportPack: true },
        language: languages(repository.replace("https://", "")),
        config: { variables: settings },
        types: Object.fromEntries(Object.entries(types).toSorted(([one], [other]) => (one < other ? -1 : 1))),
        provider: {
            description:
                "The settings of one tenant, under the names of the stack config (namespace `defender`) and with the " +
                "same rules. The `DEFENDER_*` variables of the environment take precedence.",
            inputProperties: settings,
        },
        resources,
        functions,
    };
}

/** The text of `plugin/schema.json`. */
export function packageSchemaText(): string {
    return `${JSON.stringify(packageSchema(), undefined, 4)}\n`;
}

function resourceSpec(kind: ResourceKind, inputs: Shape, all: Shape, types: Types): object {
    const { properties: inputProperties, required: requiredInputs } = objectSpec(inputs, types);
    const { properties, required } = objectSpec(all, types);
    return {
        description: descriptions[kind],
        properties,
        required,
        inputProperties,
        requiredInputs,
        // A stack moves from the dynamic provider without an option in its program.
        aliases: [{ type: resourceTypes[kind].dynamic }],
    };
}

/** The state of a set does not repeat the list. */
function withoutList({ cancellations: _, ...others }: Shape): Shape {
    return others;
}

function pick(shape: Shape, names: readonly string[]): Shape {
    return Object.fromEntries(Object.entries(shape).filter(([name]) => names.includes(name)));
}

function languages(repository: string): object {
    const respectSchemaVersion = true;
    return {
        nodejs: { packageName: "pulumi-defender", respectSchemaVersion },
        python: { packageName: "pulumi_defender", pyproject: { enabled: true }, respectSchemaVersion },
        go: { importBasePath: `${repository}/sdk/go/${pluginName}`, respectSchemaVersion },
        csharp: { respectSchemaVersion },
        java: { buildFiles: "gradle" },
    };
}

function readManifest(): Manifest {
    return JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8")) as Manifest;
}
