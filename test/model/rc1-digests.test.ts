import { join } from "node:path";
import test from "ava";
import { readApplyInputs } from "../../cli/apply/apply-inputs.ts";
import recorded from "../fixtures/rc.1/digests.json" with { type: "json" };
import { packageRoot } from "../helpers/engine.ts";
import { type Declared, digestOf, hashOf } from "../helpers/rc1-digests.ts";
import { rc1Text } from "../helpers/rc1-fixtures.ts";

test("a declaration of 1.0.0-rc.1 has the digest and the comment that it had there", (t) => {
    for (const { digest, comment, ...declared } of recorded.declarations) {
        t.deepEqual(digestOf(declared as Declared), { digest, comment }, declared.what);
    }
    t.true(recorded.declarations.length >= 12);
});

test("a raw action has the hash that proved it with 1.0.0-rc.1", (t) => {
    for (const { raw, sha256 } of recorded.actions) {
        t.is(hashOf(raw), sha256);
    }
});

test("a declaration file has the digest, the comment and the inputs that `apply` of 1.0.0-rc.1 recorded for it", (t) => {
    const { digest, fileSha256, reason, declaredBy, resource } = JSON.parse(rc1Text("apply.evidence.json"));
    const folder = join(packageRoot, "test/fixtures/rc.1");
    const read = readApplyInputs(folder, "incident.yaml", { reason, declaredBy });
    t.is(read.digest, digest);
    t.is(read.fileSha256, fileSha256);
    t.deepEqual(JSON.parse(JSON.stringify(read.inputs)), resource.inputs);
});
