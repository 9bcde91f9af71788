/** The value of `EventProduct` in each row that the command writes. */
const product = "pulumi-defender-cancellation";

/**
 * What the data collection rule does with each row. The table belongs to every product of the workspace. So the sender
 * can add rows of this product only, and none without the id by which the queries count an event once.
 */
export const transformKql = `source | where EventProduct == "${product}" and isnotempty(EventOriginalUid)`;

/** How often the analytics rules run. ISO 8601, and as KQL has it. */
export const frequency = { iso: "PT1H", kql: "1h" } as const;

/** How far back they read; 14 days is the longest period of a scheduled rule. */
export const period = "P14D";

/**
 * The events of a kind that arrived for the first time since the rule last ran. The pipeline sends an event again with
 * each run, so an event that an earlier run of the rule has seen must raise no second incident. The time of arrival
 * decides, because a late event has an old `TimeGenerated`: https://learn.microsoft.com/azure/sentinel/ingestion-delay
 */
function firstArrivals(eventSubType: string): string {
    return `ASimAuditEventLogs
| where EventProduct == "${product}" and EventSubType == "${eventSubType}"
| extend ArrivedAt = ingestion_time()
| summarize arg_min(ArrivedAt, *) by EventOriginalUid
| where ArrivedAt > ago(${frequency.kql})
| extend IsUserName = ActorUsernameType == "UPN"
| extend AccountName = iff(IsUserName, tostring(split(ActorUsername, "@")[0]), ActorUsername)
| extend AccountSuffix = iff(IsUserName, tostring(split(ActorUsername, "@")[1]), "")`;
}

/** Each cancellation without a declaration, once. */
export const undeclaredQuery: string = firstArrivals("UndeclaredCancellation");

/** Each machine action that is no longer cancelled, once. */
export const driftQuery: string = firstArrivals("Drift");
