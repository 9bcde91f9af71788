import test from "ava";
import { redact, registerSecret } from "../../provider/text/redact.ts";

test("a secret that is kept disappears from every text, in whatever form it is repeated", (t) => {
    const secret = "p@ss word/+=4711";
    registerSecret(secret);
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
        t.is(redact(`the server said: ${form} and ${form}!`), "the server said: [secret] and [secret]!");
    }
});

test("any signed JWT disappears, whoever's it is", (t) => {
    const jwt = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from('{"aud":"x"}').toString("base64url")}.c2ln`;
    t.is(redact(`Bearer ${jwt}, refused`), "Bearer [secret], refused");
});

test("a text that is too short to be a secret hides nothing", (t) => {
    registerSecret("token");
    registerSecret("");
    registerSecret(undefined);
    t.is(redact("the token is missing"), "the token is missing");
});
