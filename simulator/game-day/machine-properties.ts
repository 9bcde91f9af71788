import { z } from "zod";
import { type OptionalFields, timeField } from "../forms/fields.ts";
import type { MachineRow } from "../machines/machine-row.ts";

const text = z.string();
const part = text.nullable();
const optionalText = part.exactOptional();
const ipAddress = z.strictObject({ ipAddress: text, macAddress: part, type: part, operationalStatus: part });
const vmMetadata = z.strictObject({ vmId: part, cloudProvider: part, resourceId: part, subscriptionId: part });

/** The forms of the properties of a machine that the API shows. */
export const machineProperties: OptionalFields<Omit<MachineRow, "id">> = {
    computerDnsName: optionalText,
    riskScore: optionalText,
    exposureLevel: optionalText,
    deviceValue: optionalText,
    rbacGroupName: optionalText,
    lastSeen: timeField.nullable().exactOptional(),
    firstSeen: timeField.nullable().exactOptional(),
    healthStatus: optionalText,
    onboardingStatus: optionalText,
    osPlatform: optionalText,
    version: optionalText,
    osVersion: optionalText,
    osProcessor: optionalText,
    osArchitecture: optionalText,
    agentVersion: optionalText,
    lastIpAddress: optionalText,
    lastExternalIpAddress: optionalText,
    aadDeviceId: optionalText,
    defenderAvStatus: optionalText,
    managedBy: optionalText,
    managedByStatus: optionalText,
    mergedIntoMachineId: optionalText,
    exclusionReason: optionalText,
    machineTags: z.array(text).nullable().exactOptional(),
    osBuild: z.int().nullable().exactOptional(),
    rbacGroupId: z.int().nullable().exactOptional(),
    isAadJoined: z.boolean().nullable().exactOptional(),
    isPotentialDuplication: z.boolean().nullable().exactOptional(),
    isExcluded: z.boolean().nullable().exactOptional(),
    ipAddresses: z.array(ipAddress).nullable().exactOptional(),
    vmMetadata: vmMetadata.nullable().exactOptional(),
};
