import { readFileSync } from "node:fs";
import test from "ava";
import { licensesPage, thirdParties } from "../../../tools/release/licenses.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("THIRD-PARTY-LICENSES.md is what the lock file says: npm run licenses", (t) => {
    t.is(licensesPage(thirdParties()), read("THIRD-PARTY-LICENSES.md"));
});

test("what npm installs with the package asks for no more than its mention", (t) => {
    const permissive = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"];
    const others = thirdParties().filter(
        ({ license }) => !license.split(" OR ").some((one) => permissive.includes(one)),
    );
    t.deepEqual(others, []);
});

test("every direct dependency is among them, in the exact version of package.json", (t) => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const named = thirdParties().map(({ name, version }) => `${name}@${version}`);
    for (const [name, version] of Object.entries(dependencies)) {
        t.true(named.includes(`${name}@${version}`), `${name}@${version}`);
    }
});

test("none of them runs a script when it is installed", (t) => {
    const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const names = new Set(thirdParties().map(({ name }) => name));
    const scripted = Object.keys(lock.packages).filter((path) => lock.packages[path]?.hasInstallScript);
    t.deepEqual(
        scripted.filter((path) => names.has(path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length))),
        [],
    );
});
