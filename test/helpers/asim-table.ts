/**
 * The columns of the table, their types, and the values that the schema allows where it lists them:
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/asimauditeventlogs
 * https://learn.microsoft.com/azure/sentinel/normalization-schema-audit
 * https://github.com/Azure/Azure-Sentinel/blob/master/ASIM/dev/ASimTester/ASimTester.csv
 */
const strings =
    "ActingAppId ActingAppName ActingAppType ActingOriginalAppType ActorOriginalUserType ActorScope ActorScopeId " +
    "ActorSessionId ActorUserAadId ActorUserId ActorUserIdType ActorUsername ActorUsernameType ActorUserSid ActorUserType " +
    "DvcAction DvcDescription DvcDomain DvcDomainType DvcFQDN DvcHostname DvcId DvcIdType DvcInterface DvcIpAddr DvcMacAddr " +
    "DvcOriginalAction DvcOs DvcOsVersion DvcScope DvcScopeId DvcZone EventMessage EventOriginalResultDetails " +
    "EventOriginalSeverity EventOriginalSubType EventOriginalType EventOriginalUid EventOwner EventProduct " +
    "EventProductVersion EventReportUrl EventResult EventResultDetails EventSchemaVersion EventSeverity EventSubType " +
    "EventType EventVendor HttpUserAgent NewValue Object ObjectId ObjectType OldValue Operation OriginalObjectType RuleName " +
    "TargetAppId TargetAppName TargetAppType TargetDescription TargetDeviceType TargetDomain TargetDomainType TargetDvcId " +
    "TargetDvcIdType TargetDvcOs TargetDvcScope TargetDvcScopeId TargetFQDN TargetHostname TargetIpAddr " +
    "TargetOriginalAppType TargetOriginalRiskLevel TargetUrl ValueType";

export const tableColumns: ReadonlyMap<string, string> = new Map([
    ...strings.split(" ").map((name) => [name, "string"] as const),
    ...["EventCount", "RuleNumber", "SrcPortNumber", "TargetPortNumber"].map((name) => [name, "int"] as const),
    ...["EventStartTime", "EventEndTime", "TimeGenerated"].map((name) => [name, "datetime"] as const),
    ["AdditionalFields", "dynamic"],
]);

/** The mandatory columns of the schema, apart from those that the table does not have. */
export const mandatoryColumns: readonly string[] =
    "EventCount EventStartTime EventEndTime EventType EventResult EventProduct EventVendor EventSchemaVersion EventSeverity Operation Object ObjectType TimeGenerated".split(
        " ",
    );

const domains = ["FQDN", "Windows"];

export const allowedValues: Readonly<Record<string, readonly string[]>> = {
    EventType: ["Set", "Read", "Create", "Delete", "Execute", "Install", "Clear", "Enable", "Disable", "Other"],
    EventResult: ["Success", "Partial", "Failure", "NA"],
    EventSeverity: ["Informational", "Low", "Medium", "High"],
    ObjectType: ["Cloud Resource", "Configuration Atom", "Policy Rule", "Other"],
    ValueType: ["Other"],
    ActorUserIdType: ["SID", "UID", "AADID", "OktaId", "AWSId", "PUID", "SalesforceId", "Other"],
    ActorUsernameType: ["UPN", "Windows", "DN", "Simple"],
    TargetAppType: ["Process", "Service", "Resource", "URL", "SaaS application", "Other"],
    TargetDomainType: domains,
    TargetDvcIdType: ["AzureResourceId", "MDEid", "MD4IoTid", "VMConnectionId", "AwsVpcId", "Other"],
};

/** A column that is only there together with another one. */
const pairs = [
    ["TargetDvcId", "TargetDvcIdType"],
    ["TargetDomain", "TargetDomainType"],
    ["ActorUsername", "ActorUsernameType"],
    ["ActorUserId", "ActorUserIdType"],
] as const;

type Row = Readonly<Record<string, unknown>>;

/** What is wrong with a row, by the documentation of the table and of the schema. */
export function problemsOfRow(row: Row): string[] {
    const missing = mandatoryColumns.filter((name) => row[name] === undefined).map((name) => `${name} is missing`);
    const unpaired = pairs
        .filter(([one, other]) => (row[one] === undefined) !== (row[other] === undefined))
        .map(String);
    const wrong = Object.entries(row).filter(([name, value]) => !isOf(tableColumns.get(name), value));
    const surplus = Object.entries(allowedValues).filter(
        ([name, values]) => row[name] !== undefined && !values.includes(String(row[name])),
    );
    return [...missing, ...unpaired, ...[...wrong, ...surplus].map(([name]) => `${name} has another value`)];
}

function isOf(type: string | undefined, value: unknown): boolean {
    switch (type) {
        case "string":
            return typeof value === "string" && value !== "";
        case "int":
            return Number.isInteger(value);
        case "datetime":
            return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
        case "dynamic":
            return typeof value === "object" && value !== null;
        default:
            return false;
    }
}
