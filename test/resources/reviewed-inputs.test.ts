import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { refuseSecret, refuseSecretExpects } from "../../provider/resources/reviewed-inputs.ts";

interface Result {
    readonly isRunError?: boolean;
    readonly message?: string;
    readonly value?: unknown;
}

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

test("a secret in expect is refused as a secret comment is, in a single cancellation and in a set", async (t) => {
    const script = fileURLToPath(new URL("../helpers/reviewed-inputs-process.ts", import.meta.url));
    const args = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", script];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const results = JSON.parse(stdout) as Record<string, Result>;
    const name = (what: string) =>
        what.endsWith(", single")
            ? "expect"
            : /secret (entry|list)$/.test(what)
              ? "cancellations[0].expect"
              : "cancellations[1].expect";
    for (const [what, { isRunError, message, value }] of Object.entries(results)) {
        if (what === "a secret id") {
            t.deepEqual(value, [{ machineActionId: id, expect: { type: "Isolate" } }]);
            continue;
        }
        const of = what === "a secret comment" ? "comment" : name(what);
        t.true(isRunError, what);
        t.true(message?.startsWith(`${of} is a secret Output: expected plain text, because `), `${what}: ${message}`);
        t.false(message?.includes("srv-secret-name"), what);
    }
    t.is(Object.keys(results).length, 16);
});

test("plain inputs stay the very values that were given", (t) => {
    const entries = [{ machineActionId: id, expect: { type: "Isolate" } }];
    t.is(refuseSecretExpects(entries)[0], entries[0]);
    t.is(refuseSecret("comment", "INC-4711"), "INC-4711");
});
