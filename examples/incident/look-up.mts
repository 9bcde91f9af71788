// Finds what a runaway playbook has queued, and writes it to a file for review. Sends nothing.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getMachineActions } from "pulumi-defender-cancellation";

const { values } = parseArgs({
    options: { type: { type: "string" }, requestor: { type: "string" }, since: { type: "string" } },
});
const { type, requestor, since } = values;
if (!type || !requestor || !since) {
    console.error("usage: node look-up.mts --type TYPE --requestor WHO --since TIME, such as");
    console.error("  node look-up.mts --type Isolate --requestor soar@contoso.example --since 2026-05-05T07:00:00Z");
    process.exit(2);
}

const file = "cancellations.json";
const found = await getMachineActions({ type, requestor, createdAfter: since });
const final = ["Cancelled", "TimeOut", "Succeeded", "Failed"];
const open = found.filter(({ status }) => !final.includes(status));

// What the reviewer sees is what is expected: an action that is not that is left alone.
const cancellations = open.map(({ id, type, machineId, computerDnsName, requestor, requestorComment }) => ({
    machineActionId: id,
    expect: { type, machineId, computerDnsName, requestor, requestorComment },
}));
writeFileSync(file, `${JSON.stringify(cancellations, null, 4)}\n`);
console.log(`${file}: ${open.length} of the ${found.length} that were found are not final yet. Review and commit it.`);
