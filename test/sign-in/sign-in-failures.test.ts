import test from "ava";
import { notSignedIn } from "../../provider/sign-in/sign-in-failures.ts";

const azureCli = { kind: "Azure CLI", tenantId: undefined, source: "the Azure CLI" } as const;

test("what the Azure CLI says is shown, except the two sentences that have a shorter form", (t) => {
    const lastSentence = (said: string) => {
        const { code, message } = notSignedIn(azureCli, "https://login.example", new Error(said), undefined);
        t.is(code, "ERR_DEFENDER_NO_CREDENTIAL");
        return message.slice(message.indexOf("The Azure CLI"));
    };
    t.is(
        lastSentence(
            "Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions and " +
                "then, once installed, authenticate to your Azure account using 'az login'.",
        ),
        "The Azure CLI, the last source, is not installed",
    );
    t.is(
        lastSentence("Please run 'az login' from a command prompt to authenticate before using this credential."),
        "The Azure CLI, the last source, has no account: run `az login`",
    );
    for (const said of [
        "The refresh token has expired. To re-authenticate, please run: az login --scope s/.default --tenant t",
        "ERROR: Subscription 'x' could not be found",
    ]) {
        t.is(lastSentence(said), `The Azure CLI, the last source, gave no token: ${said}`);
    }
});

test("the text of the Azure CLI can neither break the line nor hide a character", (t) => {
    const { message } = notSignedIn(
        azureCli,
        "https://login.example",
        new Error("\u001b[31mred\n::error::"),
        undefined,
    );
    t.regex(message, /gave no token: \S*red/);
    t.false(message.includes("\u001b") || message.includes("\n"));
});
