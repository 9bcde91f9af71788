import { readFileSync } from "node:fs";
import test from "ava";
import { licensesPage, thirdParties } from "../../../tools/release/licenses.ts";
import { fileOf, fromSdk, installedWith, manifestOf, nameIn, packageFolders } from "../../../tools/release/packages.ts";

for (const folder of packageFolders) {
    const { name: own, dependencies } = manifestOf(folder);

    test(`${own}: THIRD-PARTY-LICENSES.md is what the lock file says (npm run licenses)`, (t) => {
        t.is(licensesPage(thirdParties(folder)), readFileSync(fileOf(folder, "THIRD-PARTY-LICENSES.md"), "utf8"));
    });

    test(`${own}: what npm installs with the package asks for no more than its mention`, (t) => {
        const permissive = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"];
        const others = thirdParties(folder).filter(
            ({ license }) =>
                !license.split(" OR ").some((one) => one.split(" AND ").every((part) => permissive.includes(part))),
        );
        t.deepEqual(others, []);
    });

    test(`${own}: every direct dependency is among them, in the exact version of package.json or in the range of the SDK`, (t) => {
        const named = new Map(thirdParties(folder).map(({ name, version }) => [name, version]));
        for (const [name, version] of Object.entries(dependencies)) {
            t.truthy(named.get(name), name);
            if (!fromSdk.some((one) => one === name)) {
                t.is(named.get(name), version, name);
            }
        }
    });

    test(`${own}: none of them runs a script when it is installed, but what comes with the SDK anyway`, (t) => {
        const scripted = Object.entries(installedWith(folder)).filter(([, { hasInstallScript }]) => hasInstallScript);
        // It prints a warning about version ranges, and the plugin works without it: --ignore-scripts.
        t.deepEqual(
            scripted.map(([path]) => nameIn(path)),
            folder === "." ? ["protobufjs"] : [],
        );
    });
}
