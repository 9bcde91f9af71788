import test from "ava";
import { registerApps, variablePrefix } from "../../../simulator/command-line/demo-apps.ts";
import { idOf } from "../client.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test("out of the box there are a canceller and a reader in one tenant, each with a secret of its own", (t) => {
    const { apps, environment } = registerApps([]);
    t.deepEqual(
        apps.map(({ displayName, roles }) => [displayName, roles]),
        [
            ["Incident rescue", ["Machine.Read.All", "Machine.Isolate"]],
            ["Incident reader", ["Machine.Read.All"]],
        ],
    );
    const [canceller, reader] = apps;
    t.deepEqual(environment, {
        DEFENDER_TENANT_ID: reader?.tenantId,
        DEFENDER_CLIENT_ID: canceller?.clientId,
        DEFENDER_CLIENT_SECRET: canceller?.clientSecret,
        READER_CLIENT_ID: reader?.clientId,
        READER_CLIENT_SECRET: reader?.clientSecret,
        CANCELLER_CLIENT_ID: canceller?.clientId,
        CANCELLER_CLIENT_SECRET: canceller?.clientSecret,
    });
    for (const { tenantId, clientId } of apps) {
        t.regex(`${tenantId}`, guid);
        t.regex(clientId, guid);
    }
    t.is(new Set(apps.flatMap(({ clientId, clientSecret = "" }) => [clientId, clientSecret])).size, 4);
});

test("each given application has variables of its own", (t) => {
    const { apps, environment } = registerApps([
        { name: "SOAR (west)", roles: ["Machine.Scan"] },
        { name: "GitHub", roles: [], federated: { issuer: "i", subject: "s" } },
        { name: "Own", roles: [], certificate: "pem", clientSecret: "s", clientId: idOf(2) },
    ]);
    t.is(apps.length, 5);
    t.like(environment, {
        SOAR_WEST_CLIENT_ID: apps[2]?.clientId,
        SOAR_WEST_CLIENT_SECRET: apps[2]?.clientSecret,
        GITHUB_CLIENT_ID: apps[3]?.clientId,
        OWN_CLIENT_ID: idOf(2),
        OWN_CLIENT_SECRET: "s",
    });
    t.false("GITHUB_CLIENT_SECRET" in environment);
    t.false(Object.keys(environment).some((name) => name !== "DEFENDER_TENANT_ID" && name.endsWith("_TENANT_ID")));
});

test("an application of another tenant has a variable for it, and the first tenant is that of all others", (t) => {
    const { apps, environment } = registerApps([
        { name: "plain", roles: [] },
        { name: "first", roles: [], tenantId: idOf(1) },
        { name: "second", roles: [], tenantId: idOf(2) },
    ]);
    t.deepEqual(
        apps.map(({ tenantId }) => tenantId),
        [idOf(1), idOf(1), idOf(1), idOf(1), idOf(2)],
    );
    t.is(environment.DEFENDER_TENANT_ID, idOf(1));
    t.is(environment.SECOND_TENANT_ID, idOf(2));
    t.false("FIRST_TENANT_ID" in environment);
});

test("a given canceller or reader takes the place of the usual one", (t) => {
    for (const [cancels, reads] of [
        ["Incident rescue", "Incident reader"],
        ["canceller", "Reader"],
    ] as const) {
        const { apps, environment } = registerApps([
            { name: reads, roles: ["Machine.ReadWrite.All"] },
            { name: cancels, roles: ["Machine.Scan"], clientId: idOf(3), clientSecret: "s" },
        ]);
        t.deepEqual(
            apps.map(({ displayName, roles }) => [displayName, ...roles]),
            [
                [cancels, "Machine.Scan"],
                [reads, "Machine.ReadWrite.All"],
            ],
        );
        t.like(environment, {
            DEFENDER_CLIENT_ID: idOf(3),
            DEFENDER_CLIENT_SECRET: "s",
            CANCELLER_CLIENT_ID: idOf(3),
            READER_CLIENT_ID: apps[1]?.clientId,
            [`${variablePrefix(cancels)}_CLIENT_ID`]: idOf(3),
        });
    }
});

test("the variables of a name are its letters and digits in capitals", (t) => {
    for (const [name, prefix] of [
        ["SOAR", "SOAR"],
        ["soar-west  2", "SOAR_WEST_2"],
        ["Équipe", "EQUIPE"],
        ["2nd", "_2ND"],
        ["$(rm -rf /)\n", "RM_RF"],
        ["救援", ""],
    ] as const) {
        t.is(variablePrefix(name), prefix);
    }
});
