import test from "ava";
import { readProxyVariable } from "../../../provider/system/network/proxy-variable.ts";
import { redact } from "../../../provider/text/redact.ts";

const unreadable: Readonly<Record<string, RegExp>> = {
    "http://user:pl4nted-p%ss@proxy:8080": /user or password is not percent-encoded/,
    "http://user:pl4nted-p%E4ss@proxy:8080": /user or password is not percent-encoded/,
    "http://us%er:pl4nted-pass@proxy:8080": /user or password is not percent-encoded/,
    "http://user:pl4nted#ss@proxy:8080": /not percent-encoded/,
    "http://user:8080/pl4nted@proxy:8080": /not percent-encoded/,
    "proxy.example:8080": /no scheme/,
    "user:pl4nted-pass@proxy.example:8080": /no scheme/,
    "//proxy:8080": /no scheme/,
    "http://proxy:99999": /host or port/,
    "http://proxy:port": /host or port/,
    "http://": /host or port/,
    "http://proxy:8080/path": /path, query or fragment/,
    "socks://proxy:1080": /scheme is not http or https/,
    "socks5://user:pl4nted-pass@proxy:1080": /scheme is not http or https/,
    '"http://proxy:8080"': /no scheme/,
};

for (const [value, why] of Object.entries(unreadable)) {
    test(`a proxy variable that cannot be read is named with what is expected: ${value}`, (t) => {
        for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
            const reading = readProxyVariable({ [name]: value });
            const problem = reading && "problem" in reading ? reading.problem : "";
            t.true(problem.startsWith(`${name} cannot be read: `), problem);
            t.regex(problem, why);
            t.true(problem.includes(`Expected http://HOST:PORT`) && problem.includes(`Correct ${name}, or unset it`));
            t.notRegex(problem, /pl4nted|proxy\.example|user:/);
        }
    });
}

test("a proxy variable is read with its password decoded, and the password is hidden from then on", (t) => {
    const read = (value: string) => readProxyVariable({ HTTPS_PROXY: value });
    t.deepEqual(read("http://proxy:3128"), { proxy: { url: "http://proxy:3128/", login: undefined } });
    t.deepEqual(read(" HTTPS://proxy/\n"), { proxy: { url: "https://proxy/", login: undefined } });
    t.deepEqual(read("http://me:pl4nted%25%40word@proxy:3128"), {
        proxy: { url: "http://proxy:3128/", login: "me:pl4nted%@word" },
    });
    t.is(redact(`sent ${Buffer.from("me:pl4nted%@word").toString("base64")}`), "sent [secret]");
    t.is(read(""), undefined);
    read("http://user:pl4nted-p%ss@proxy:8080");
    t.is(redact("Invalid URL: http://user:pl4nted-p%ss@proxy:8080"), "Invalid URL: http://user:[secret]@proxy:8080");
});
