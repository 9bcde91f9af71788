import test from "ava";
import { readClientForm } from "../../../simulator/sign-in/client-form.ts";

const form = "application/x-www-form-urlencoded";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const read = (body: string, authorization?: string, contentType: string | undefined = form) => [
    ...readClientForm(body, {
        ...(authorization === undefined ? {} : { authorization }),
        ...(contentType === undefined ? {} : { "content-type": contentType }),
    }),
];

test("a Basic header holds the id and the secret, each encoded like a value of a form", (t) => {
    const expected = [
        ["client_id", "app"],
        ["client_secret", "a+b c&d=e:f%/é#"],
    ];
    t.deepEqual(read("", basic(`app:${encodeURIComponent("a+b c&d=e:f%/é#")}`)), expected);
    t.deepEqual(read("", basic("app:a%2Bb+c%26d%3De%3Af%25%2F%C3%A9%23").replace("Basic", "bAsIc")), expected);
});

test("a secret that curl sends as it is stays as it is, as far as nothing in it is encoded", (t) => {
    for (const secret of ["Ab8Q~x_y.z-1", "a:b", "a&b=c", "100%", "%zz", "a%", "é/!*()'"]) {
        t.deepEqual(read("", basic(`app:${secret}`)), [
            ["client_id", "app"],
            ["client_secret", secret],
        ]);
    }
});

test("the same values in header and body are one, other values are two", (t) => {
    t.deepEqual(read("client_id=app&client_secret=s", basic("app:s")), [
        ["client_id", "app"],
        ["client_secret", "s"],
    ]);
    t.deepEqual(read("client_id=app", basic("app:s")), [
        ["client_id", "app"],
        ["client_secret", "s"],
    ]);
    t.deepEqual(read("client_id=app&client_secret=s", basic("app:other")), [
        ["client_id", "app"],
        ["client_secret", "s"],
        ["client_secret", "other"],
    ]);
    t.deepEqual(read("client_id=app&client_secret=s", basic("app:")), [
        ["client_id", "app"],
        ["client_secret", "s"],
    ]);
});

test("a header that is not Basic, or cannot be decoded, holds nothing", (t) => {
    for (const header of [
        "Bearer eDp5",
        "Basic",
        "Basic ",
        "Basic ***",
        "Basic eDp5 eDp5",
        basic("no colon"),
        "eDp5",
    ]) {
        t.deepEqual(read("client_id=app", header), [["client_id", "app"]], header);
    }
    t.deepEqual(read("", `Basic ${"A".repeat(10_000)}`), []);
});

test("a body of another content type is not a form", (t) => {
    t.deepEqual(read("client_id=app", undefined, "application/json"), []);
    t.deepEqual(read("client_id=app", undefined, `multipart/form-data; x=${form}`), []);
    t.deepEqual(read("client_id=app", undefined, "Application/X-WWW-Form-Urlencoded; charset=UTF-8").length, 1);
    t.is([...readClientForm("client_id=app", {})].length, 1);
});
