import test from "ava";
import { thirdParties } from "../../../tools/release/licenses.ts";
import { manifestOf, packageFolders } from "../../../tools/release/packages.ts";
import { sbomOf } from "../../../tools/release/sbom.ts";

for (const folder of packageFolders) {
    const { name, version } = manifestOf(folder);

    test(`the SBOM of ${name} has every package that npm installs with it, and no other`, async (t) => {
        const { metadata, components } = JSON.parse(await sbomOf(folder)) as {
            readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
            readonly components: readonly { readonly "bom-ref": string }[];
        };
        t.like(metadata.component, { name, version });
        t.deepEqual(
            components.map((component) => component["bom-ref"]).toSorted(),
            thirdParties(folder)
                .map((party) => `${party.name}@${party.version}`)
                .toSorted(),
        );
    });
}
