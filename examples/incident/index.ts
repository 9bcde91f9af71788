import * as pulumi from "@pulumi/pulumi";
import { loadCancellations, MachineActionCancellationSet } from "pulumi-defender-cancellation";

// A stack for each incident, and a file of its name: a new incident is a new data file, and no line of code.
const declaration = `incidents/${pulumi.getStack()}.yaml`;

const set = new MachineActionCancellationSet("playbook", loadCancellations(declaration));

// As of the last update that succeeded. `defender-cancellation report` tells what one that failed has achieved.
export const counts = set.counts;
