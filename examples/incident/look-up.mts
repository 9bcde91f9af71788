// What `defender-cancellation declare` does, by hand: finds what was queued, and writes a declaration file for review.
// Sends nothing. It is for choices that the command's filters cannot make: change the line that says `open`.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getMachineActions } from "pulumi-defender-cancellation";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        type: { type: "string" },
        requestor: { type: "string" },
        since: { type: "string" },
        comment: { type: "string" },
    },
});
const { type, requestor, since, comment } = values;
const [file] = positionals;
if (!type || !requestor || !since || !comment || !file) {
    console.error(`usage: node look-up.mts FILE --type TYPE --requestor WHO --since TIME --comment WHY, such as
  node look-up.mts incidents/inc-4711.yaml --type Isolate --requestor soar@contoso.example \\
      --since 2026-05-05T07:00:00Z --comment "INC-4711: playbook 12 isolated the wrong machines"`);
    process.exit(2);
}

const found = await getMachineActions({ type, requestor, createdAfter: since });
const final = ["Cancelled", "TimeOut", "Succeeded", "Failed"];
const open = found.filter(({ status }) => !final.includes(status));

const declaration = {
    version: 1,
    comment,
    notAfter: new Date(Date.now() + 4 * 3_600_000).toISOString(),
    maxCancellations: open.length,
    // What the reviewer sees is what is expected: an action that is not that is left alone.
    cancellations: open.map(({ id, type, machineId, computerDnsName, requestor, requestorComment }) => ({
        machineActionId: id,
        expect: { type, machineId, computerDnsName, requestor, requestorComment },
    })),
};
// JSON is YAML too. Never over a file that somebody has reviewed.
writeFileSync(file, `${JSON.stringify(declaration, null, 4)}\n`, { flag: "wx" });
console.log(`${file}: ${open.length} of the ${found.length} that were found are not final yet. Review and commit it.`);
