import { readFileSync } from "node:fs";
import test from "ava";
import { parse } from "yaml";
import { filterOf } from "../../provider/api/action-query.ts";
import { parseMachineAction } from "../../provider/api/machine-action-parser.ts";
import { storeResult } from "../../provider/lifecycles/set/set-results.ts";
import { commonEvidenceNames, evidenceFields, evidenceNames } from "../../provider/model/evidence.ts";
import { allOutputNames } from "../../provider/model/outputs.ts";
import { getMachineActionsToken, pluginName, resourceTypes } from "../../provider/model/resource-types.ts";
import { pluginSettings } from "../../provider/plugin/provider-settings.ts";
import { checkInputs } from "../../provider/schema/cancellation-inputs.ts";
import {
    type CheckFailure,
    expectable,
    ifAlreadyFinalValues,
    isObject,
    onReissueValues,
    type Properties,
} from "../../provider/schema/input-rules.ts";
import { defaults, limits } from "../../provider/schema/limits.ts";
import { checkSetInputs, entriesOf } from "../../provider/schema/set-inputs.ts";
import { environmentOnly, settings } from "../../provider/session/config.ts";
import { configSource, secretFields } from "../../provider/sign-in/credential-sources.ts";
import { meaningsIn } from "../../tools/plugin-schema/documented.ts";
import { packageSchemaText } from "../../tools/plugin-schema/package-schema.ts";

/** The schema of the provider plugin: what `pulumi package get-schema` shows and SDKs are generated from. */

interface Property {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: Property;
    readonly additionalProperties?: Property;
    readonly description?: string;
    readonly secret?: boolean;
}

interface ObjectType {
    readonly properties: Readonly<Record<string, Property>>;
    readonly required: readonly string[];
}

interface Resource extends ObjectType {
    readonly description: string;
    readonly inputProperties: Readonly<Record<string, Property>>;
    readonly requiredInputs: readonly string[];
    readonly stateInputs?: ObjectType;
    readonly aliases: readonly { readonly type: string }[];
}

interface Schema {
    readonly name: string;
    readonly version: string;
    readonly license: string;
    readonly homepage: string;
    readonly config: { readonly variables: Readonly<Record<string, Property>> };
    readonly types: Readonly<Record<string, ObjectType>>;
    readonly provider: { readonly inputProperties: Readonly<Record<string, Property>> };
    readonly resources: Readonly<Record<string, Resource>>;
    readonly functions: Readonly<
        Record<string, { readonly description: string; readonly inputs: ObjectType; readonly outputs: ObjectType }>
    >;
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const shipped = read("plugin/schema.json");
const schema = JSON.parse(shipped) as Schema;

function found<Value>(value: Value | undefined): Value {
    if (value === undefined) {
        throw new Error("the schema lacks it");
    }
    return value;
}

const resource = (kind: "cancellation" | "set") => found(schema.resources[resourceTypes[kind].plugin]);
const typeNamed = (name: string) => found(schema.types[`${pluginName}:index:${name}`]);
const query = found(schema.functions[getMachineActionsToken]);
const namesOf = (properties: object) => Object.keys(properties).sort();

/** Every property of the schema, with its path. */
function everyProperty(value: unknown, path = ""): [path: string, property: Property][] {
    if (!isObject(value)) {
        return [];
    }
    return Object.entries(value).flatMap(([key, inner]) => {
        const isGroup = ["properties", "inputProperties", "variables"].includes(key) && isObject(inner);
        const own = isGroup ? Object.entries(inner).map(([name, one]) => [`${path}.${key}.${name}`, one]) : [];
        return [...(own as [string, Property][]), ...everyProperty(inner, `${path}.${key}`)];
    });
}

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** The names that a check lists where it refuses an unknown one. */
function listedIn(failures: readonly CheckFailure[], property: string): string[] {
    const reason = failures.find((failure) => failure.property === property)?.reason ?? "";
    return reason.split("expected one of ")[1]?.split(", ").sort() ?? [];
}

const missingIn = (failures: readonly CheckFailure[]) =>
    failures.filter(({ reason }) => reason.includes(" is missing")).map(({ property }) => property);

test("the schema that is shipped is that of the sources (npm run schema writes it)", (t) => {
    t.is(shipped, packageSchemaText());
});

test("it has the permanent names, and the version, license and homepage of the package", (t) => {
    t.is(schema.name, "defender");
    t.deepEqual(namesOf(schema.resources), [
        "defender:index:MachineActionCancellation",
        "defender:index:MachineActionCancellationSet",
    ]);
    t.deepEqual(namesOf(schema.functions), ["defender:index:getMachineActions"]);
    const { version, license, homepage } = JSON.parse(read("package.json")) as Schema;
    t.like(schema, { version, license, homepage });
});

test("each resource has the dynamic provider's type as its alias", (t) => {
    for (const kind of ["cancellation", "set"] as const) {
        t.deepEqual(resource(kind).aliases, [{ type: resourceTypes[kind].dynamic }]);
    }
});

test("the check of the inputs and the schema know the same inputs, and require the same", (t) => {
    const single = resource("cancellation");
    const set = resource("set");
    const { failures } = checkInputs({ wait: true, expect: { host: "x" } });
    t.deepEqual(namesOf(single.inputProperties), listedIn(failures, "wait"));
    t.deepEqual([...single.requiredInputs].sort(), missingIn(failures).sort());
    t.deepEqual(namesOf(typeNamed("MachineActionExpectation").properties), listedIn(failures, "expect.host"));
    const ofSet = checkSetInputs({ wait: true, cancellations: [{ wait: true }] }).failures;
    t.deepEqual(namesOf(set.inputProperties), listedIn(ofSet, "wait"));
    t.deepEqual(namesOf(typeNamed("SetCancellation").properties), listedIn(ofSet, "cancellations[0].wait"));
    t.deepEqual(missingIn(checkSetInputs({}).failures).sort(), [...set.requiredInputs].sort());
    t.deepEqual(typeNamed("SetCancellation").required, ["machineActionId"]);
    t.deepEqual(missingIn(ofSet), ["comment", "cancellations[0].machineActionId"]);
    t.deepEqual(namesOf(typeNamed("MachineActionExpectation").properties), [...expectable].sort());
});

test("a resource that is only watched takes the inputs that have a meaning where nothing is sent", (t) => {
    t.deepEqual(namesOf(resource("cancellation").stateInputs?.properties ?? {}), [
        "ifAlreadyFinal",
        "onReissue",
        "reissueWindowHours",
    ]);
    t.is(resource("set").stateInputs, undefined);
});

test("a single cancellation has all outputs, and repeats its inputs", (t) => {
    const { properties, inputProperties } = resource("cancellation");
    const inputs = Object.keys(inputProperties);
    t.deepEqual(namesOf(properties), [...allOutputNames, ...inputs, "desiredStatus", "declaredBy"].sort());
    t.deepEqual(namesOf(typeNamed("Evidence").properties), evidenceNames("cancellation").sort());
});

test("a set repeats its inputs except the list", (t) => {
    const { properties, inputProperties } = resource("set");
    const inputs = Object.keys(inputProperties).filter((name) => name !== "cancellations");
    const outputs = ["results", "counts", "evidence", "digest", "desiredStatus", "declaredBy"];
    t.deepEqual(namesOf(properties), [...outputs, ...inputs].sort());
    t.deepEqual(namesOf(typeNamed("RunEvidence").properties), evidenceNames("run").sort());
});

/** An action of the API with all its properties. */
const answer = {
    id: id.toUpperCase(),
    status: "Cancelled",
    type: "LiveResponse",
    scope: "Full",
    title: "Collect",
    externalId: "playbook-12",
    relatedFileInfo: { fileIdentifier: "ab".repeat(20), fileIdentifierType: "Sha1" },
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
    requestSource: "PublicApi",
    machineId: "ab".repeat(20),
    computerDnsName: "ws-0417.contoso.example",
    creationDateTimeUtc: "2026-05-04T11:00:00Z",
    lastUpdateDateTimeUtc: "2026-05-04T12:00:00Z",
    cancellationRequestor: "app",
    cancellationComment: "INC-4711",
    cancellationDateTimeUtc: "2026-05-04T11:30:00Z",
    // As a number without a sign, which is more than the integers of some languages hold.
    errorHResult: 0x80070002,
    commands: [
        {
            commandStatus: "Created",
            startTime: "2026-05-04T11:10:00Z",
            endTime: "2026-05-04T11:20:00Z",
            command: { type: "RunScript", params: [{ key: "ScriptName", value: "collect.ps1" }] },
        },
    ],
};
const action = found(parseMachineAction(answer));

/** The places where a value does not have the type that the schema says. */
function misfits(value: unknown, type: Property, path: string): string[] {
    if (value === undefined) {
        return [];
    }
    const ofType = type.$ref && schema.types[type.$ref.replace("#/types/", "")];
    if (ofType) {
        return isObject(value) ? misfitsIn(value, ofType, path) : [path];
    }
    switch (type.type) {
        case "array":
            return Array.isArray(value)
                ? value.flatMap((one, at) => misfits(one, found(type.items), `${path}[${at}]`))
                : [path];
        case "object":
            return isObject(value)
                ? Object.entries(value).flatMap(([key, one]) =>
                      misfits(one, found(type.additionalProperties), `${path}.${key}`),
                  )
                : [path];
        case "integer":
            return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? [] : [path];
        default:
            return typeof value === type.type ? [] : [path];
    }
}

function misfitsIn(value: Properties, { properties, required }: ObjectType, path: string): string[] {
    return [
        ...required.filter((name) => value[name] === undefined).map((name) => `${path} without ${name}`),
        ...Object.entries(value).flatMap(([name, one]) => {
            const type = properties[name];
            return type ? misfits(one, type, `${path}.${name}`) : [`${path}.${name}`];
        }),
    ];
}

test("an action of a look-up has the properties of its type, and no others", (t) => {
    t.deepEqual(
        misfitsIn(query.outputs.properties.machineActions ? { machineActions: [action] } : {}, query.outputs, ""),
        [],
    );
    t.deepEqual(namesOf(action), namesOf(typeNamed("MachineAction").properties));
});

test("a look-up takes the properties of a query: lists for what may be several, a whole number for a count", (t) => {
    const { message = "" } = t.throws(() => filterOf({ wait: true } as object)) ?? {};
    t.deepEqual(namesOf(query.inputs.properties), message.split("expected one of ")[1]?.split(", ").sort());
    const strings = { type: "array", items: { type: "string" } };
    t.like(query.inputs.properties, { status: strings, type: strings, top: { type: "integer" } });
    t.deepEqual(query.inputs.required, []);
});

test("the result of a set has the properties of its type; the short form of its declaration is not shown", (t) => {
    const texts = Object.fromEntries(commonEvidenceNames.map((name) => [name, "x"]));
    const given = { machineActionId: id, expect: { type: "LiveResponse" }, ifAlreadyFinal: "accept" };
    const entry = found(entriesOf({ cancellations: [given], comment: "x" }).get(id));
    const { failure } = { failure: { code: "ERR_DEFENDER_TOO_LATE" } };
    const stored = storeResult(
        {
            action,
            record: {
                outcome: "adopted",
                adoptedFrom: "others",
                effect: "unknown",
                statusBeforeCancel: "Pending",
                requestedAtUtc: "2026-05-04T10:00:00Z",
                confirmedAtUtc: "2026-05-04T12:00:00Z",
                request: "proven",
                evidence: {
                    ...texts,
                    posts: 2,
                    postStatus: 400,
                    postCorrelationId: "x",
                    observedAtUtc: "2026-05-04T10:00:00Z",
                    proofSha256: "x",
                },
            },
            failure,
            hasLooked: true,
            hasSent: true,
        } as unknown as Parameters<typeof storeResult>[0],
        {
            entry,
            at: 0,
            run: 0,
            known: {
                reissues: [{ id, status: "Pending", requestor: "x", creationDateTimeUtc: "x" }],
                reissueCounts: { total: 30, unlistedOpen: 10 },
            },
        },
    );
    const { expect, at, ...shown } = stored;
    t.is(expect, "t");
    t.is(at, 0);
    t.deepEqual(misfitsIn(shown, typeNamed("SetResult"), ""), []);
    t.deepEqual(namesOf(shown), namesOf(typeNamed("SetResult").properties));
});

test("what rc.1 stored has the types of the schema", (t) => {
    const hidden = ["__provider", "fromQuery"];
    let count = 0;
    for (const name of ["single", "drift", "reissue", "partial-failure", "set"]) {
        const { deployment } = JSON.parse(read(`test/fixtures/rc.1/${name}.json`)) as {
            deployment: { resources: { type: string; outputs?: Properties }[] };
        };
        for (const { type, outputs = {} } of deployment.resources) {
            const kind = (["cancellation", "set"] as const).find((one) => resourceTypes[one].dynamic === type);
            if (kind) {
                const own = Object.entries(outputs).filter(([key]) => !hidden.includes(key));
                const results = Object.entries(isObject(outputs.results) ? outputs.results : {}).map(([key, one]) => {
                    const { expect: _, at: __, ...shown } = one as Properties;
                    return [key, shown];
                });
                const shown = {
                    ...Object.fromEntries(own),
                    ...(kind === "set" ? { results: Object.fromEntries(results) } : {}),
                };
                t.deepEqual(misfitsIn(shown, resource(kind), name), []);
                count++;
            }
        }
    }
    t.true(count >= 5);
});

test("the evidence requires what no record lacks", (t) => {
    for (const [type, place] of [
        ["Evidence", "cancellation"],
        ["RunEvidence", "run"],
    ] as const) {
        t.deepEqual(
            [...typeNamed(type).required].sort(),
            evidenceNames(place)
                .filter((name) => evidenceFields[name].isRequired)
                .sort(),
        );
    }
});

const keysOfConfig = Object.keys({ ...settings, ...pluginSettings, ...configSource.names });

test("the stack config and a provider take the same settings, each with its type, and nothing that only the environment may say", (t) => {
    const { variables } = schema.config;
    t.deepEqual(schema.provider.inputProperties, variables);
    t.deepEqual(namesOf(variables), keysOfConfig.sort());
    t.deepEqual(
        Object.keys(environmentOnly).filter((key) => key in variables),
        [],
    );
    const typed = (type: string) => namesOf(variables).filter((key) => variables[key]?.type === type);
    t.deepEqual(typed("boolean"), ["useCli", "useMsi", "useOidc", "views"]);
    t.deepEqual(typed("integer"), ["requestsPerHour", "requestsPerMinute"]);
    t.deepEqual(typed("number"), ["visibilitySeconds"]);
});

test("the secret settings are secret, and no others", (t) => {
    const { variables } = schema.config;
    t.deepEqual(
        namesOf(variables).filter((key) => variables[key]?.secret),
        secretFields.filter((field) => field in configSource.names).sort(),
    );
});

test("no SDK puts a value into a program: neither from the environment nor a default", (t) => {
    for (const word of ["defaultInfo", "default", "const", "enum", "oneOf"]) {
        t.false(shipped.includes(`"${word}":`), word);
    }
});

test("every property is described in plain text, and the documents name it", (t) => {
    const pages = ["resource.md", "sets.md", "machine-actions.md", "evidence.md", "configuration.md"];
    const documents = pages.map((page) => read(`docs/${page}`)).join("\n");
    const all = everyProperty(schema);
    t.true(all.length > 150);
    for (const [path, { description = "" }] of all) {
        t.regex(description, /^[A-Z`].*[.]$/, path);
        t.notRegex(description, /\]\(|<|\n/, path);
        t.regex(documents, new RegExp(`[.:\`]${path.split(".").at(-1)}\``), path);
    }
});

/** The text of a documents' table, with the default and the limit that its column of types has. */
function documentedInput(meaning: string | undefined, name: string): string {
    const bounds = name in limits ? (name as keyof typeof limits) : undefined;
    return `${meaning}${bounds ? ` Default ${defaults[bounds]}, at most ${limits[bounds]}.` : ""}`;
}

test("the inputs are described as in docs/resource.md and docs/sets.md", (t) => {
    const ofSingle = meaningsIn("resource.md", "## Inputs");
    const ofSet = meaningsIn("sets.md", "### Inputs");
    const single = resource("cancellation").inputProperties;
    for (const [name, { description }] of Object.entries(single)) {
        t.is(description, documentedInput(ofSingle.get(name), name), name);
    }
    const ofEntry = new Map(Object.entries(typeNamed("SetCancellation").properties));
    for (const [name, { description }] of Object.entries(typeNamed("MachineActionExpectation").properties)) {
        t.is(description, ofSingle.get(`expect.${name}`), name);
    }
    const asForSingle = /^As for a single cancellation\./;
    for (const [name, { description }] of [
        ...Object.entries(resource("set").inputProperties),
        ...[...ofEntry].map(([name, property]) => [`cancellations.${name}`, property] as const),
    ]) {
        const told = ofSet.get(name) ?? "";
        const same = single[name.replace("cancellations.", "")]?.description ?? "";
        t.is(
            description,
            asForSingle.test(told) ? told.replace(asForSingle, () => same) : documentedInput(told, name),
            name,
        );
    }
});

test("an input of few values names them all, and its default", (t) => {
    for (const [name, values] of [
        ["ifAlreadyFinal", ifAlreadyFinalValues],
        ["onReissue", onReissueValues],
    ] as const) {
        for (const kind of ["cancellation", "set"] as const) {
            const { type, description = "" } = found(resource(kind).inputProperties[name]);
            t.is(type, "string");
            t.deepEqual(
                values.filter((value) => !description.includes(`\`${value}\``)),
                [],
            );
            t.true(description.includes(`\`${defaults[name]}\` (default)`), name);
        }
    }
});

/** The program in YAML that a description has. */
function exampleIn(description: string): {
    readonly resources: Readonly<Record<string, { type: string; properties: Properties }>>;
} {
    const [, source = ""] = /```yaml\n(.*?)```/s.exec(description) ?? [];
    return parse(source);
}

test("the examples are in three languages, and the check accepts what they declare", (t) => {
    const checks = { cancellation: checkInputs, set: checkSetInputs };
    for (const kind of ["cancellation", "set"] as const) {
        const { description } = resource(kind);
        const [declared] = Object.values(exampleIn(description).resources);
        t.is(declared?.type.replace(":", ":index:"), resourceTypes[kind].plugin);
        t.deepEqual(checks[kind](declared?.properties ?? {}).failures, []);
    }
    for (const { description } of [resource("cancellation"), resource("set"), query]) {
        for (const part of ["{{% examples %}}", "{{% example %}}", "```typescript", "```python", "```yaml"]) {
            t.is(description.split(part).length, 2, part);
        }
    }
});
