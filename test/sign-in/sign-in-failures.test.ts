import test from "ava";
import type { Credential } from "../../provider/sign-in/credential-choice.ts";
import { notSignedIn } from "../../provider/sign-in/sign-in-failures.ts";

const cli: Credential = { source: "the Azure CLI", kind: "Azure CLI", tenantId: undefined };
const messageFor = (said: string, credential: Credential = cli) =>
    notSignedIn(credential, "https://login.example", new Error(said), undefined).message;

test("an error of Entra keeps the command that the Azure CLI names to sign in again", (t) => {
    const refused = "the sign-in with the Azure CLI's account from the Azure CLI was refused: AADSTS70043: It expired";
    const expired = "ERROR: AADSTS70043: It expired. Trace ID: x\nTo re-authenticate, please run:\n";
    for (const command of [
        "az login --scope https://x.example/.default",
        'az login --tenant "t-1" --scope "https://x.example/.default"',
    ]) {
        t.is(messageFor(`${expired}${command}\n`), `${refused}. Run \`${command}\``);
    }
    t.is(messageFor(`${expired}az login --scope x\u001b[31m\u0007\n`), `${refused}. Run \`az login --scope x\``);
    t.is(messageFor("ERROR: AADSTS70043: It expired. Please run az login"), refused);
    const app: Credential = { source: "x", kind: "client secret", tenantId: "t", clientId: "c", secret: "s" };
    t.notRegex(messageFor(`${expired}az login --scope x`, app), /az login/);
});
