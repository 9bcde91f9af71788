import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RunError } from "@pulumi/pulumi";
import test from "ava";
import type { MachineActionCancellationSetArgs } from "../../provider/resources/cancellation-set.ts";
import { loadCancellations } from "../../provider/resources/load-cancellations.ts";
import { checkSetInputs } from "../../provider/schema/set-inputs.ts";
import { declarationText, idOf } from "../helpers/declaration-text.ts";

const folder = mkdtempSync(join(tmpdir(), "load-cancellations-"));
test.after.always(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

test("a file becomes the arguments of a set, which its check takes; notes are left out", (t) => {
    const path = write(
        "all.yaml",
        declarationText({
            notAfter: "2026-05-04T18:00:00Z",
            ifAlreadyFinal: "fail",
            onReissue: "cancel",
            reissueWindowHours: 24,
            confirmWithinSeconds: 60,
            maxCancellations: 1,
            cancellations: [
                { machineActionId: idOf(1), expect: { requestor: "soar" }, ifAlreadyFinal: "accept", note: "x" },
            ],
        }),
    );
    const loaded: MachineActionCancellationSetArgs = loadCancellations(path);
    t.deepEqual(loaded, {
        comment: "INC-4711: wrong machines",
        notAfter: "2026-05-04T18:00:00Z",
        ifAlreadyFinal: "fail",
        onReissue: "cancel",
        reissueWindowHours: 24,
        confirmWithinSeconds: 60,
        maxCancellations: 1,
        cancellations: [{ machineActionId: idOf(1), expect: { requestor: "soar" }, ifAlreadyFinal: "accept" }],
    });
    t.deepEqual(checkSetInputs({ ...loaded }).failures, []);
    t.deepEqual(loadCancellations(pathToFileURL(path)), loaded);
});

test("a program that loads a wrong file fails without a stack: the file is wrong, not the program", (t) => {
    const path = write("wrong.yaml", declarationText({ comment: "" }));
    const error = t.throws(() => loadCancellations(path), { code: "ERR_DEFENDER_DECLARATION" });
    t.true(RunError.isInstance(error));
});

test("a file of 1,000 entries loads; the log says how long it took", (t) => {
    const cancellations = Array.from({ length: 1_000 }, (_, index) => ({
        machineActionId: idOf(index + 1),
        expect: {
            type: "Isolate",
            machineId: String(index).padStart(40, "a"),
            computerDnsName: `ws-${index}.contoso.example`,
            requestor: "soar@contoso.example",
            requestorComment: "playbook 12",
        },
    }));
    const path = write("thousand.yaml", declarationText({ maxCancellations: 1_000, cancellations }));
    const start = performance.now();
    t.is(loadCancellations(path).cancellations.length, 1_000);
    t.log(`${(performance.now() - start).toFixed(0)} ms`);
});
