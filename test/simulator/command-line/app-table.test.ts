import test from "ava";
import { appTable } from "../../../simulator/command-line/app-table.ts";
import { idOf } from "../client.ts";

test("each application is shown with its roles, its ids and its ways to sign in, without a secret", (t) => {
    const [tenantId, clientId] = [idOf(1), idOf(2)] as [string, string];
    const federated = { issuer: "i", subject: "s" };
    const usual = { tenantId, clientId };
    const text = appTable([
        { ...usual, displayName: "SOAR", roles: ["Machine.Read.All", "Machine.Scan"], clientSecret: "correct horse" },
        { ...usual, displayName: "a\u001b[31m\nb", roles: [], certificate: "pem", federated },
    ]);
    t.is(
        text,
        [
            "Applications that may sign in:",
            "  SOAR: Machine.Read.All, Machine.Scan",
            `    ${clientId} in tenant ${tenantId}, by secret`,
            "  a b: no roles",
            `    ${clientId} in tenant ${tenantId}, by certificate, federated identity`,
        ].join("\n"),
    );
});
