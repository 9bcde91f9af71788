import * as pulumi from "@pulumi/pulumi";
import { loadCancellations, MachineActionCancellationSet } from "pulumi-defender-cancellation";

// One stack per incident, and the stack's name is that of its data file.
const incident = pulumi.getStack();

new MachineActionCancellationSet(incident, loadCancellations(`incidents/${incident}.yaml`));
