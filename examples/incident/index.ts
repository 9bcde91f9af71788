import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { MachineActionCancellationSet, type SetCancellation } from "pulumi-defender-cancellation";

const config = new pulumi.Config();

// The reviewed file, and not a query: after the first `up` a query would find nothing, and un-declare everything.
const cancellations: SetCancellation[] = JSON.parse(readFileSync("cancellations.json", "utf8"));

const set = new MachineActionCancellationSet("playbook", {
    cancellations,
    comment: config.require("comment"),
    maxCancellations: config.getNumber("maxCancellations"),
});

// As of the last update that succeeded. After one that failed, `pulumi stack export` has what was achieved.
export const counts = set.counts;
export const results = set.results;
