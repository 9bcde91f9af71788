import test from "ava";
import { mappedVariables, mappingRefusal } from "../../provider/session/mapped-environment.ts";

test("a variable that holds what another one holds in the engine is mapped", (t) => {
    const engine = { DEFENDER_GUARD: "/etc/guard.yaml", GITHUB_OUTPUT: "/tmp/output", HOME: "/root", PWD: "/work" };
    t.deepEqual(mappedVariables(engine, engine), []);
    t.deepEqual(mappedVariables({ ...engine, DEFENDER_GUARD: "/tmp/output" }, engine), ["DEFENDER_GUARD"]);
    t.deepEqual(mappedVariables({ ...engine, DEFENDER_API_URL: "/root", https_proxy: "/work" }, engine), [
        "DEFENDER_API_URL",
        "https_proxy",
    ]);
    // Where a managed identity asks for its token, and what the TLS library loads.
    for (const name of ["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT", "OPENSSL_CONF"]) {
        t.deepEqual(mappedVariables({ ...engine, [name]: "/tmp/output" }, engine), [name]);
    }
});

test("what a stack's environment sets, and what a shell sets, is not", (t) => {
    const engine = { DEFENDER_TENANT_ID: "t", AZURE_TENANT_ID: "t", PWD: "/work", OLDPWD: "/root" };
    t.deepEqual(mappedVariables({ ...engine, DEFENDER_CLIENT_ID: "from-esc", PWD: "/root" }, engine), []);
});

test("an environment that is the run's is not refused, and a refusal names the variables", (t) => {
    t.is(mappingRefusal([]), undefined);
    t.like(mappingRefusal(["DEFENDER_GUARD"]), { code: "ERR_DEFENDER_CONFIGURATION" });
    t.regex(
        mappingRefusal(["DEFENDER_GUARD"])?.message ?? "",
        /envVarMappings: in its process, DEFENDER_GUARD has .*Nothing was sent/,
    );
});
