import test from "ava";
import { loadModule } from "../../helpers/sentinel-example.ts";

const { InputError, maxRowBytes, parseEvents } = await loadModule("events");
const { signInFailure, uploadFailure } = await loadModule("failures");
const { targetOf } = await loadModule("settings");

const environment = {
    LOGS_INGESTION_ENDPOINT: "https://name.westeurope-1.ingest.monitor.azure.com/",
    LOGS_INGESTION_RULE_ID: "dcr-0a1b",
    LOGS_INGESTION_STREAM: "Custom-DefenderCancellations",
};

test("the target has the endpoint's origin, and the audience of its cloud", (t) => {
    t.deepEqual(targetOf(environment), {
        endpoint: "https://name.westeurope-1.ingest.monitor.azure.com",
        ruleId: "dcr-0a1b",
        stream: "Custom-DefenderCancellations",
        audience: "https://monitor.azure.com",
    });
    for (const cloud of ["us", "cn"]) {
        const LOGS_INGESTION_ENDPOINT = `https://name.region.ingest.monitor.azure.${cloud}`;
        t.is(targetOf({ ...environment, LOGS_INGESTION_ENDPOINT }).audience, `https://monitor.azure.${cloud}`);
    }
});

test("a token goes to no host but Azure Monitor, and not without TLS", (t) => {
    for (const LOGS_INGESTION_ENDPOINT of [
        "",
        "name.westeurope-1.ingest.monitor.azure.com",
        "http://name.westeurope-1.ingest.monitor.azure.com",
        "https://ingest.monitor.azure.com.attacker.example",
        "https://name.ingest.monitor.azure.com@attacker.example",
        "https://attacker.example/.ingest.monitor.azure.com",
        "https://attackeringest.monitor.azure.com",
        "https://127.0.0.1.attacker.example",
    ]) {
        const error = t.throws(() => targetOf({ ...environment, LOGS_INGESTION_ENDPOINT }), { instanceOf: InputError });
        t.regex(error?.message ?? "", /LOGS_INGESTION_ENDPOINT/);
        t.notRegex(error?.message ?? "", /attacker/);
    }
});

test("a rule's name is not taken for its immutable id", (t) => {
    for (const LOGS_INGESTION_RULE_ID of ["cancellations", "dcr-../../x", "/subscriptions/x"]) {
        t.throws(() => targetOf({ ...environment, LOGS_INGESTION_RULE_ID }), { message: /immutable id/ });
    }
});

test("a line that is no event, or too large, stops all lines", (t) => {
    const large = JSON.stringify({ EventOriginalUid: "a", EventMessage: "x".repeat(maxRowBytes) });
    for (const line of ["null", "[]", "{}", '{"EventOriginalUid":1}', '{"EventOriginalUid":""}', "{", large]) {
        t.throws(() => parseEvents(`{"EventOriginalUid":"a"}\n${line}`), {
            instanceOf: InputError,
            message: /^Line 2 of the input /,
        });
    }
    t.deepEqual(parseEvents("\n \n"), []);
});

test("an expired sign-in says how to renew it, and no text of Entra is shown", (t) => {
    const of = (message: string) => signInFailure(new Error(message));
    t.regex(of("AADSTS700082: The refresh token eyJ0 has expired").message, /AADSTS700082.*az login/);
    t.regex(of("AADSTS7000222: The provided client secret keys are expired").message, /secret has expired/);
    t.regex(of("AADSTS99999: \u001b[31m::error::").message, /AADSTS99999.*error\?code=99999/);
    t.is(of("AADSTS99999: \u001b[31m::error::").kind, "access");
    t.regex(of("Please run 'az login' to setup account").message, /az login/);
    t.is(of("getaddrinfo ENOTFOUND login.microsoftonline.com").kind, "retry");
    for (const message of ["AADSTS700082: eyJ0 \u001b", "az login \u001b eyJ0", "\u001b eyJ0"]) {
        t.notRegex(of(message).message, /eyJ0|\p{Cc}/u);
    }
});

test("foreign text in an error code is not shown", (t) => {
    const of = (error: object) => uploadFailure(Object.assign(new Error("eyJ0"), error)).message;
    t.regex(of({ statusCode: 500, code: "::error::" }), /^The API answered 500\. /);
    t.regex(of({ code: "\u001b[31m" }), /^The endpoint cannot be reached\. /);
    t.regex(of({ name: "AbortError" }), /in time/);
});
