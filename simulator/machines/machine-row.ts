import type { ActionConduct } from "../actions/action-conduct.ts";
import type { PresenceSeed } from "./presence.ts";

/** One machine as the API returns it; property names are the API's own. Null: the API does not know the property. */
export interface MachineRow {
    /** 40 hex digits. */
    id: string;
    /** The machine that this one became, 40 hex digits. */
    mergedIntoMachineId: string | null;
    isPotentialDuplication: boolean | null;
    isExcluded: boolean | null;
    exclusionReason: string | null;
    computerDnsName: string | null;
    firstSeen: string | null;
    /** When its last full report came, about once a day. It does not show whether the machine is online. */
    lastSeen: string | null;
    osPlatform: string | null;
    osVersion: string | null;
    osProcessor: string | null;
    version: string | null;
    lastIpAddress: string | null;
    lastExternalIpAddress: string | null;
    agentVersion: string | null;
    osBuild: number | null;
    /** `Active`, `Inactive`, `ImpairedCommunication`, `NoSensorData`, `NoSensorDataImpairedCommunication`, `Unknown`. */
    healthStatus: string | null;
    /** `Low`, `Normal` or `High`. */
    deviceValue: string | null;
    /** 0 for a machine in no group. */
    rbacGroupId: number | null;
    /** The API shows it, but does not filter by it. */
    rbacGroupName: string | null;
    /** `None`, `Informational`, `Low`, `Medium` or `High`. */
    riskScore: string | null;
    /** `None`, `Low`, `Medium` or `High`. */
    exposureLevel: string | null;
    isAadJoined: boolean | null;
    /** GUID. */
    aadDeviceId: string | null;
    machineTags: string[] | null;
    defenderAvStatus: string | null;
    /** `Onboarded`, `CanBeOnboarded`, `Unsupported` or `InsufficientInfo`. */
    onboardingStatus: string | null;
    /** `32-bit` or `64-bit`. */
    osArchitecture: string | null;
    managedBy: string | null;
    managedByStatus: string | null;
    ipAddresses: IpAddress[] | null;
    vmMetadata: VmMetadata | null;
}

/** An address of a machine's network adapter. */
export interface IpAddress {
    ipAddress: string;
    /** 12 hex digits. */
    macAddress: string | null;
    type: string | null;
    /** `Up` or `Down`. */
    operationalStatus: string | null;
}

/** The virtual machine of a cloud that a machine is. */
export interface VmMetadata {
    vmId: string | null;
    cloudProvider: string | null;
    resourceId: string | null;
    subscriptionId: string | null;
}

/**
 * A machine to put into the simulated tenant. Only the id has no default. Null: the API does not return the property. A
 * default that depends on the id is always the same for an id.
 */
export interface MachineSeed extends PresenceSeed {
    /** 40 hex digits, kept in lower case. */
    id: string;
    /** Default: that of its newest action, else a host name derived from the id. */
    computerDnsName?: string | null;
    /** Default `None`. */
    riskScore?: string | null;
    /** Default `Low`. */
    exposureLevel?: string | null;
    /** Default: none. */
    machineTags?: string[] | null;
    /** Default `Normal`. */
    deviceValue?: string | null;
    /** Default `Workstations`. */
    rbacGroupName?: string | null;
    /** Default: a number that depends on the name of the group. */
    rbacGroupId?: number | null;
    /** ISO 8601. Default: when its newest action was created, else the simulator's clock. */
    lastSeen?: string | null;
    /** ISO 8601. Default: a time in 2024 that depends on the id, or `lastSeen` if that is earlier. */
    firstSeen?: string | null;
    /** Default `Active`. */
    healthStatus?: string | null;
    /** Default `Onboarded`. */
    onboardingStatus?: string | null;
    /** Default `Windows11`. */
    osPlatform?: string | null;
    /** Default: a release of Windows 11 that depends on the id, such as `24H2`. */
    version?: string | null;
    /** Default: the build of that release. */
    osBuild?: number | null;
    /** Default null. */
    osVersion?: string | null;
    /** Default `x64`. */
    osProcessor?: string | null;
    /** Default `64-bit`. */
    osArchitecture?: string | null;
    /** Default: a version that depends on the id. */
    agentVersion?: string | null;
    /** Default: an address in 10.0.0.0/8 that depends on the id. */
    lastIpAddress?: string | null;
    /** Default: an address in 203.0.113.0/24 that depends on the id. */
    lastExternalIpAddress?: string | null;
    /** Default: `lastIpAddress` and a link-local address, of one adapter. */
    ipAddresses?: IpAddress[] | null;
    /** Default `true`. */
    isAadJoined?: boolean | null;
    /** Default: a GUID that depends on the id. */
    aadDeviceId?: string | null;
    /** Default `Updated`. */
    defenderAvStatus?: string | null;
    /** Default `Intune`. */
    managedBy?: string | null;
    /** Default `Unknown`. */
    managedByStatus?: string | null;
    /** Default null. */
    mergedIntoMachineId?: string | null;
    /** Default `false`. */
    isPotentialDuplication?: boolean | null;
    /** Default `false`. */
    isExcluded?: boolean | null;
    /** Default null. */
    exclusionReason?: string | null;
    /** Default null. */
    vmMetadata?: VmMetadata | null;
    /** How the actions run and end that are submitted on it over the API. Default: as any action does. */
    submitted?: ActionConduct;
}
