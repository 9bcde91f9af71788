import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import test from "ava";
import { tableColumns } from "../../helpers/asim-table.ts";
import { loadModule, sentinelExample } from "../../helpers/sentinel-example.ts";

const { columns } = await loadModule("columns");
const { driftQuery, transformKql, undeclaredQuery } = await loadModule("queries");

const project = "cancellations-in-sentinel";
const subscription = "/subscriptions/30000000-0000-4000-8000-000000000003";
const senderObjectId = "40000000-0000-4000-8000-000000000004";
const existing = `${subscription}/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc-logs`;

interface Run {
    readonly resources: readonly MockResourceArgs[];
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly dependencies: ReadonlyMap<string, readonly string[]>;
}

let runs = 0;

/** Runs the program with mocks. */
async function run(config: Readonly<Record<string, string>>): Promise<Run> {
    const resources: MockResourceArgs[] = [];
    const azure: pulumi.runtime.Mocks = {
        newResource(resource) {
            const { name, inputs } = resource;
            resources.push(resource);
            return {
                id: `${subscription}/resourceGroups/${inputs.resourceGroupName}/${name}`,
                state: {
                    name: `${name}-1a2b`,
                    location: "westeurope",
                    immutableId: "dcr-0a1b",
                    logsIngestion: { endpoint: "https://cancellations.westeurope-1.ingest.monitor.azure.com" },
                    ...inputs,
                },
            };
        },
        call: ({ inputs }) => ({ ...inputs, name: inputs.workspaceName, location: "northeurope" }),
    };
    await pulumi.runtime.setMocks(azure, project, "prod");
    const dependencies = recordDependencies();
    pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project}:${key}`, value])),
    );
    const program = new URL(`index.ts?run=${++runs}`, sentinelExample);
    const outputs = Object.entries(await import(program.href));
    const values = outputs.map(
        async ([name, output]) => [name, await new Promise((resolve) => asOutput(output).apply(resolve))] as const,
    );
    const resolved = Object.fromEntries(await Promise.all(values));
    await pulumi.runtime.disconnect();
    return {
        resources: resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"),
        outputs: resolved,
        dependencies,
    };
}

function asOutput(value: unknown): pulumi.Output<unknown> {
    return pulumi.Output.isInstance(value) ? value : pulumi.output(String(value));
}

/** The names of the URNs that each resource is registered to depend on, by its own type and name. Mocks do not see them. */
function recordDependencies(): ReadonlyMap<string, readonly string[]> {
    const dependencies = new Map<string, readonly string[]>();
    const monitor = pulumi.runtime.getMonitor();
    const register = monitor?.registerResource;
    if (monitor === undefined || register === undefined) {
        throw new Error("The mocks have no monitor");
    }
    const registerResource = (...args: Parameters<typeof register>) => {
        const [request] = args;
        const names = request.getDependenciesList().map((urn) => urn.split("::").slice(2).join(" "));
        dependencies.set(`${request.getType()} ${request.getName()}`, names);
        return Reflect.apply(register, monitor, args);
    };
    Object.assign(monitor, { registerResource });
    return dependencies;
}

const inputsOf = ({ resources }: Run, type: string) =>
    resources.filter((resource) => resource.type === `azure-native:${type}`).map(({ inputs }) => inputs);

const basic = { resourceGroupName: "incidents", senderObjectId };

test.serial(
    "a new workspace gets Sentinel, an endpoint, a rule of the table, a role and two analytics rules",
    async (t) => {
        const created = await run(basic);
        t.deepEqual(created.resources.map(({ type }) => type.replace("azure-native:", "")).sort(), [
            "authorization:RoleAssignment",
            "monitor:DataCollectionEndpoint",
            "monitor:DataCollectionRule",
            "operationalinsights:Workspace",
            "securityinsights:ScheduledAlertRule",
            "securityinsights:ScheduledAlertRule",
            "securityinsights:SentinelOnboardingState",
        ]);
        const [workspace] = inputsOf(created, "operationalinsights:Workspace");
        t.like(workspace, {
            resourceGroupName: "incidents",
            retentionInDays: 90,
            features: { disableLocalAuth: true },
        });
        t.like(inputsOf(created, "securityinsights:SentinelOnboardingState")[0], {
            workspaceName: "security-1a2b",
            sentinelOnboardingStateName: "default",
        });
        t.deepEqual(created.outputs, {
            ingestionEndpoint: "https://cancellations.westeurope-1.ingest.monitor.azure.com",
            ruleImmutableId: "dcr-0a1b",
            streamName: "Custom-DefenderCancellations",
        });
    },
);

test.serial(
    "the data collection rule leads a stream of the command's columns into the table of Sentinel",
    async (t) => {
        const [rule] = inputsOf(await run(basic), "monitor:DataCollectionRule");
        const { columns: declared } = rule.streamDeclarations["Custom-DefenderCancellations"];
        t.deepEqual(
            Object.fromEntries(declared.map(({ name, type }: { name: string; type: string }) => [name, type])),
            { ...columns },
        );
        t.is(rule.dataCollectionEndpointId, `${subscription}/resourceGroups/incidents/cancellations`);
        t.is(rule.location, "westeurope");
        t.deepEqual(rule.destinations.logAnalytics, [
            { name: "workspace", workspaceResourceId: `${subscription}/resourceGroups/incidents/security` },
        ]);
        t.deepEqual(rule.dataFlows, [
            {
                streams: ["Custom-DefenderCancellations"],
                destinations: ["workspace"],
                transformKql,
                outputStream: "Microsoft-ASimAuditEventLogs",
            },
        ]);
    },
);

test.serial("the sender may publish to this rule, and has no other right", async (t) => {
    const created = await run(basic);
    t.deepEqual(inputsOf(created, "authorization:RoleAssignment"), [
        {
            scope: `${subscription}/resourceGroups/incidents/cancellations`,
            principalId: senderObjectId,
            principalType: "ServicePrincipal",
            roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/3913510d-42f4-4e42-8a64-420c390055eb`,
        },
    ]);
});

test.serial(
    "the analytics rules wait for Sentinel, and raise incidents with the machine and the account",
    async (t) => {
        const created = await run(basic);
        for (const name of ["undeclared-cancellation", "drift"]) {
            const found = created.dependencies.get(`azure-native:securityinsights:ScheduledAlertRule ${name}`);
            t.true(found?.includes("azure-native:securityinsights:SentinelOnboardingState sentinel"), name);
        }
        const rules = created.resources
            .filter(({ type }) => type.endsWith(":ScheduledAlertRule"))
            .sort((one, other) => other.name.localeCompare(one.name))
            .map(({ inputs }) => inputs);
        t.deepEqual(
            rules.map(({ query, severity }) => [query, severity]),
            [
                [undeclaredQuery, "Medium"],
                [driftQuery, "High"],
            ],
        );
        // tools/queries.ts: each query gives these.
        const result = new Set([...tableColumns.keys(), "AccountName", "AccountSuffix"]);
        for (const rule of rules) {
            t.like(rule, {
                ...{ kind: "Scheduled", enabled: true, workspaceName: "security-1a2b", suppressionEnabled: false },
                ...{ queryFrequency: "PT1H", queryPeriod: "P14D", triggerOperator: "GreaterThan", triggerThreshold: 0 },
                eventGroupingSettings: { aggregationKind: "AlertPerResult" },
                incidentConfiguration: { createIncident: true },
                alertDetailsOverride: { alertSeverityColumnName: "EventSeverity" },
            });
            const mappings: { entityType: string; fieldMappings: { columnName: string }[] }[] = rule.entityMappings;
            t.deepEqual(
                mappings.map(({ entityType }) => entityType),
                ["Host", "Account"],
            );
            const used = [
                ...mappings.flatMap(({ fieldMappings }) => fieldMappings.map(({ columnName }) => columnName)),
                ...Object.values<string>(rule.customDetails),
                ...rule.alertDetailsOverride.alertDescriptionFormat
                    .matchAll(/\{\{(\w+)\}\}/g)
                    .map((match: string[]) => match[1]),
            ];
            t.deepEqual(
                used.filter((name) => !result.has(name)),
                [],
            );
        }
    },
);

test.serial("an existing workspace stays as it is, and the rules go into its resource group", async (t) => {
    const created = await run({ ...basic, workspaceId: existing });
    t.deepEqual(created.resources.map(({ type }) => type.split(":")[2]).sort(), [
        "DataCollectionEndpoint",
        "DataCollectionRule",
        "RoleAssignment",
        "ScheduledAlertRule",
        "ScheduledAlertRule",
    ]);
    const [rule] = inputsOf(created, "monitor:DataCollectionRule");
    t.like(rule, { resourceGroupName: "incidents", location: "northeurope" });
    t.is(rule.destinations.logAnalytics[0].workspaceResourceId, existing);
    for (const one of inputsOf(created, "securityinsights:ScheduledAlertRule")) {
        t.like(one, { resourceGroupName: "soc", workspaceName: "soc-logs" });
    }
});

test.serial("an existing workspace without Sentinel gets it", async (t) => {
    const created = await run({ ...basic, workspaceId: existing, sentinelIsOn: "false" });
    t.deepEqual(inputsOf(created, "securityinsights:SentinelOnboardingState"), [
        { resourceGroupName: "soc", workspaceName: "soc-logs", sentinelOnboardingStateName: "default" },
    ]);
});

test.serial("a wrong id of the workspace or the sender is refused before anything is created", async (t) => {
    await t.throwsAsync(run({ ...basic, workspaceId: "soc-logs" }), { message: /^The config value workspaceId/ });
    await t.throwsAsync(run({ ...basic, senderObjectId: "soar@contoso.example" }), { message: /senderObjectId/ });
});
