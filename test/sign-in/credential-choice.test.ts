import test from "ava";
import fc from "fast-check";
import { DefenderError } from "../../provider/model/errors.ts";
import { type Credential, chooseCredential } from "../../provider/sign-in/credential-choice.ts";
import { credentialSources } from "../../provider/sign-in/credential-sources.ts";

type Values = Readonly<Record<string, string>>;

const choose = (environment: Values = {}, config: Values = {}): Credential =>
    chooseCredential((key) => config[key], environment);

const defender = { DEFENDER_TENANT_ID: "tenant-d", DEFENDER_CLIENT_ID: "client-d" };
const azure = { AZURE_TENANT_ID: "tenant-a", AZURE_CLIENT_ID: "client-a" };
const arm = { ARM_TENANT_ID: "tenant-r", ARM_CLIENT_ID: "client-r" };
const config = { "defender:tenantId": "tenant-c", "defender:clientId": "client-c" };
const native = { "azure-native:tenantId": "tenant-n", "azure-native:clientId": "client-n" };
const github = {
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.actions.example/id?x=1",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "github-request-token",
};

const connection = "30000000-0000-4000-8000-000000000003";
const azureJob = {
    SYSTEM_OIDCREQUESTURI: "https://dev.azure.example/contoso/_apis/oidctoken",
    SYSTEM_ACCESSTOKEN: "the-job-token",
};
const azureTask = {
    AZURESUBSCRIPTION_TENANT_ID: "tenant-s",
    AZURESUBSCRIPTION_CLIENT_ID: "client-s",
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: connection,
};
const ofConnection = {
    from: "service connection",
    url: azureJob.SYSTEM_OIDCREQUESTURI,
    token: azureJob.SYSTEM_ACCESSTOKEN,
    serviceConnectionId: connection,
};

const rows: Readonly<Record<string, readonly [Values, Values, object]>> = {
    "a ready token": [
        { DEFENDER_ACCESS_TOKEN: "ready-token" },
        {},
        { kind: "access token", accessToken: "ready-token", source: "the DEFENDER_* variables" },
    ],
    "a ready token beside a secret": [
        { ...defender, DEFENDER_CLIENT_SECRET: "secret-d", DEFENDER_ACCESS_TOKEN: "ready-token" },
        {},
        { kind: "access token" },
    ],
    "a ready token in stack config": [
        {},
        { "defender:accessToken": "config-token" },
        { kind: "access token", accessToken: "config-token", source: "the defender: stack config" },
    ],
    "a client secret": [
        { ...defender, DEFENDER_CLIENT_SECRET: "secret-d" },
        {},
        { kind: "client secret", tenantId: "tenant-d", clientId: "client-d", secret: "secret-d" },
    ],
    "a certificate with a password": [
        { ...defender, DEFENDER_CLIENT_CERTIFICATE_PATH: "/c.pem", DEFENDER_CLIENT_CERTIFICATE_PASSWORD: "pw" },
        {},
        { kind: "client certificate", path: "/c.pem", password: "pw" },
    ],
    "a token file": [
        { ...defender, DEFENDER_OIDC_TOKEN_FILE_PATH: "/token" },
        {},
        { kind: "workload identity", assertion: { from: "file", path: "/token" } },
    ],
    "GitHub's own request": [
        { ...defender, ...github },
        {},
        {
            kind: "workload identity",
            assertion: {
                from: "request",
                url: github.ACTIONS_ID_TOKEN_REQUEST_URL,
                token: github.ACTIONS_ID_TOKEN_REQUEST_TOKEN,
            },
        },
    ],
    "values that end with a line break": [
        { DEFENDER_TENANT_ID: "tenant-d\r\n", DEFENDER_CLIENT_ID: " client-d\n", DEFENDER_CLIENT_SECRET: "secret-d\n" },
        {},
        { kind: "client secret", tenantId: "tenant-d", clientId: "client-d", secret: "secret-d" },
    ],
    "a switch that ends with a line break": [{ DEFENDER_USE_CLI: "true\n" }, {}, { kind: "Azure CLI" }],
    "blanks alone, which are no value": [
        { ...azure, AZURE_CLIENT_SECRET: "secret-a", DEFENDER_CLIENT_ID: " \n" },
        {},
        { kind: "client secret", tenantId: "tenant-a", source: "the AZURE_* variables" },
    ],
    "a certificate's password, which may end with a blank": [
        {
            ...azure,
            AZURE_CLIENT_CERTIFICATE_PATH: "/cert.pem\n",
            AZURE_CLIENT_CERTIFICATE_PASSWORD: "pass ",
        },
        {},
        { kind: "client certificate", path: "/cert.pem", password: "pass " },
    ],
    "a managed identity of the system": [
        { DEFENDER_USE_MSI: "true" },
        {},
        { kind: "managed identity", clientId: undefined },
    ],
    "a managed identity of a user": [
        { DEFENDER_USE_MSI: "1", DEFENDER_CLIENT_ID: "client-m" },
        {},
        { kind: "managed identity", clientId: "client-m" },
    ],
    "the Azure CLI of a tenant": [
        { DEFENDER_USE_CLI: "true", DEFENDER_TENANT_ID: "tenant-d" },
        {},
        { kind: "Azure CLI", tenantId: "tenant-d" },
    ],
    "a secret in stack config": [
        {},
        { ...config, "defender:clientSecret": "secret-c" },
        { kind: "client secret", tenantId: "tenant-c", secret: "secret-c", source: "the defender: stack config" },
    ],
    "the names of Azure's SDKs": [
        { ...azure, AZURE_CLIENT_SECRET: "secret-a" },
        {},
        { kind: "client secret", tenantId: "tenant-a", source: "the AZURE_* variables" },
    ],
    "workload identity of Kubernetes": [
        { ...azure, AZURE_FEDERATED_TOKEN_FILE: "/var/run/token" },
        {},
        { kind: "workload identity", assertion: { from: "file", path: "/var/run/token" } },
    ],
    "azure-native's config": [
        {},
        { ...native, "azure-native:clientSecret": "secret-n" },
        { kind: "client secret", tenantId: "tenant-n", source: "the azure-native: stack config" },
    ],
    "ESC's azure-login with a secret": [
        { ...arm, ARM_CLIENT_SECRET: "secret-r", ARM_SUBSCRIPTION_ID: "subscription" },
        {},
        { kind: "client secret", tenantId: "tenant-r", source: "the ARM_* variables" },
    ],
    "ESC's azure-login with OIDC": [
        { ...arm, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN: "oidc-token" },
        {},
        { kind: "workload identity", assertion: { from: "token", token: "oidc-token" } },
    ],
    "ARM's OIDC beside a secret, as azure-native decides": [
        { ...arm, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN: "oidc-token", ARM_CLIENT_SECRET: "secret-r" },
        {},
        { kind: "workload identity" },
    ],
    "ARM's OIDC by request": [
        {
            ...arm,
            ARM_USE_OIDC: "true",
            ARM_OIDC_REQUEST_URL: "https://oidc.example/",
            ARM_OIDC_REQUEST_TOKEN: "request-token",
        },
        {},
        { kind: "workload identity", assertion: { from: "request", url: "https://oidc.example/" } },
    ],
    "ARM's OIDC on GitHub": [
        { ...arm, ...github, ARM_USE_OIDC: "true" },
        {},
        { kind: "workload identity", assertion: { from: "request", token: github.ACTIONS_ID_TOKEN_REQUEST_TOKEN } },
    ],
    "a service connection of Azure Pipelines": [
        { ...defender, ...azureJob, DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: ` ${connection}\n` },
        {},
        { kind: "workload identity", tenantId: "tenant-d", assertion: ofConnection },
    ],
    "the service connection of the task, for the app that the pipeline names": [
        { ...defender, ...azureJob, ...azureTask },
        {},
        { tenantId: "tenant-d", assertion: ofConnection, source: "the DEFENDER_* variables" },
    ],
    "the service connection of the task alone": [
        { ...azureJob, ...azureTask },
        {},
        { tenantId: "tenant-s", clientId: "client-s", assertion: ofConnection },
    ],
    "azurerm's service connection": [
        { ...arm, ...azureJob, ARM_USE_OIDC: "true", ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID: connection },
        {},
        { tenantId: "tenant-r", assertion: ofConnection },
    ],
    "azapi's service connection, with azurerm's names of the address and the token": [
        {
            ...arm,
            ARM_USE_OIDC: "true",
            ARM_OIDC_AZURE_SERVICE_CONNECTION_ID: connection,
            ARM_OIDC_REQUEST_URL: azureJob.SYSTEM_OIDCREQUESTURI,
            ARM_OIDC_REQUEST_TOKEN: azureJob.SYSTEM_ACCESSTOKEN,
        },
        {},
        { assertion: ofConnection },
    ],
    "of two names of a service connection, azurerm's first": [
        {
            ...arm,
            ...azureJob,
            ARM_USE_OIDC: "true",
            ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID: connection,
            ARM_OIDC_AZURE_SERVICE_CONNECTION_ID: "40000000-0000-4000-8000-000000000004",
        },
        {},
        { assertion: ofConnection },
    ],
    "a token of the pipeline before a service connection": [
        {
            ...defender,
            ...azureJob,
            DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: connection,
            DEFENDER_OIDC_TOKEN: "oidc-token",
        },
        {},
        { assertion: { from: "token", token: "oidc-token" } },
    ],
    "the service connection of a task whose step has no job token": [
        { ...azureTask, SYSTEM_OIDCREQUESTURI: azureJob.SYSTEM_OIDCREQUESTURI },
        {},
        { kind: "Azure CLI", source: "the Azure CLI" },
    ],
    "ARM's ids without a word of OIDC": [{ ...arm, ...github }, {}, { kind: "Azure CLI", source: "the Azure CLI" }],
    "ARM's managed identity": [
        { ARM_USE_MSI: "true", ARM_CLIENT_ID: "client-r" },
        {},
        { kind: "managed identity", clientId: "client-r" },
    ],
    nothing: [{}, {}, { kind: "Azure CLI", tenantId: undefined, source: "the Azure CLI" }],
    "half of what another tool needs": [
        { AZURE_CLIENT_ID: "client-a", ARM_CLIENT_SECRET: "secret-r" },
        {},
        { kind: "Azure CLI" },
    ],
};

for (const [what, [environment, stackConfig, expected]] of Object.entries(rows)) {
    test(`chosen: ${what}`, (t) => {
        t.like(choose(environment, stackConfig), expected);
    });
}

const whole: Readonly<Record<string, readonly [environment: Values, config: Values]>> = {
    "the DEFENDER_* variables": [{ ...defender, DEFENDER_CLIENT_SECRET: "secret-d" }, {}],
    "the defender: stack config": [{}, { ...config, "defender:clientSecret": "secret-c" }],
    "the AZURE_* variables": [{ ...azure, AZURE_CLIENT_SECRET: "secret-a" }, {}],
    "the azure-native: stack config": [{}, { ...native, "azure-native:clientSecret": "secret-n" }],
    "the ARM_* variables": [{ ...arm, ARM_CLIENT_SECRET: "secret-r" }, {}],
    "the AZURESUBSCRIPTION_* variables": [{ ...azureTask, ...azureJob }, {}],
};

function partsOf(chosen: Credential): string[] {
    switch (chosen.kind) {
        case "client secret":
            return [chosen.tenantId, chosen.clientId, chosen.secret];
        case "workload identity":
            return [chosen.tenantId, chosen.clientId];
        default:
            return [];
    }
}

test("of the sources that hold a credential the first supplies all of it", (t) => {
    const order = credentialSources.map(({ name }) => name);
    t.deepEqual(order, Object.keys(whole));
    fc.assert(
        fc.property(fc.subarray(order, { minLength: 1 }), (present) => {
            const parts = present.map((name) => whole[name] ?? [{}, {}]);
            const chosen = choose(
                Object.assign({}, ...parts.map(([environment]) => environment)),
                Object.assign({}, ...parts.map(([, stackConfig]) => stackConfig)),
            );
            const owners = new Set(partsOf(chosen).map((part) => part.at(-1)));
            return chosen.source === present[0] && owners.size === 1;
        }),
    );
});

const half: Readonly<Record<string, readonly [Values, Values, RegExp]>> = {
    "a secret without its app": [
        { DEFENDER_CLIENT_SECRET: "a-secret-value" },
        config,
        /^the DEFENDER_\* variables contain only part of a credential \(DEFENDER_CLIENT_SECRET\).*DEFENDER_TENANT_ID and DEFENDER_CLIENT_ID$/,
    ],
    "an app without a proof": [
        defender,
        { "defender:clientSecret": "a-secret-value" },
        /Also needed: DEFENDER_CLIENT_SECRET, DEFENDER_CLIENT_CERTIFICATE_PATH/,
    ],
    "an app in stack config whose secret is in the environment of others": [
        { AZURE_CLIENT_SECRET: "a-secret-value", ...azure },
        config,
        /^the defender: stack config contain only part of a credential \(defender:tenantId, defender:clientId\)/,
    ],
    "a service connection whose step has no job token": [
        {
            ...defender,
            DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: connection,
            SYSTEM_OIDCREQUESTURI: azureJob.SYSTEM_OIDCREQUESTURI,
        },
        {},
        /Also needed: SYSTEM_ACCESSTOKEN, .*map it in env: SYSTEM_ACCESSTOKEN: \$\(System\.AccessToken\)$/,
    ],
    "a service connection outside Azure Pipelines": [
        { ...defender, DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: connection },
        {},
        /Also needed: SYSTEM_OIDCREQUESTURI and SYSTEM_ACCESSTOKEN, the variables of a job in Azure Pipelines$/,
    ],
    "an app in Azure Pipelines without a service connection": [
        { ...defender, SYSTEM_OIDCREQUESTURI: azureJob.SYSTEM_OIDCREQUESTURI },
        {},
        /Also needed: DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID and SYSTEM_ACCESSTOKEN, or another proof$/,
    ],
    "the name of a service connection": [
        { ...defender, ...azureJob, DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: "defender-reader" },
        {},
        /^DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID is "defender-reader": expected the id of a service connection/,
    ],
    "a variable of Azure Pipelines that was not replaced": [
        { ...defender, ...azureJob, DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID: "$(CONNECTION_ID)" },
        {},
        /is "\$\(CONNECTION_ID\)": expected the id/,
    ],
    "a flag that is neither": [
        { DEFENDER_USE_MSI: "maybe" },
        {},
        /DEFENDER_USE_MSI is "maybe": expected true or false/,
    ],
    "a token with its scheme": [{ DEFENDER_ACCESS_TOKEN: "Bearer abc" }, {}, /DEFENDER_ACCESS_TOKEN is not a bearer/],
    "a token with a line break": [
        {},
        { "defender:accessToken": "abc\r\nx-other: 1" },
        /defender:accessToken is not a bearer token/,
    ],
};

for (const [what, [environment, stackConfig, message]] of Object.entries(half)) {
    test(`refused: ${what}`, (t) => {
        const error = t.throws(() => choose(environment, stackConfig), { instanceOf: DefenderError, message });
        t.is(error?.code, "ERR_DEFENDER_CONFIGURATION");
        t.notRegex(error?.message ?? "", /a-secret-value|abc/);
    });
}
