import * as pulumi from "@pulumi/pulumi";
import { MachineActionCancellation } from "pulumi-defender-cancellation";

const config = new pulumi.Config();

const cancellation = new MachineActionCancellation("wrong-isolation", {
    machineActionId: config.require("machineActionId"),
    comment: config.require("comment"),
});

// What stays true. A status would not: outputs keep their old values when a refresh finds drift.
export const computer = cancellation.computerDnsName;
export const confirmedAtUtc = cancellation.confirmedAtUtc;
