/** One alert as the API returns it; property names are the API's own. */
export interface AlertRow {
    id: string;
    incidentId: number;
    investigationId: number | null;
    assignedTo: string | null;
    /** `Informational`, `Low`, `Medium` or `High`. */
    severity: string;
    /** `New`, `InProgress` or `Resolved`. */
    status: string;
    classification: string | null;
    determination: string | null;
    investigationState: string;
    detectionSource: string;
    detectorId: string;
    category: string;
    threatFamilyName: string | null;
    title: string;
    description: string;
    alertCreationTime: string;
    firstEventTime: string;
    lastEventTime: string;
    lastUpdateTime: string;
    resolvedTime: string | null;
    machineId: string;
    computerDnsName: string | null;
    rbacGroupName: string | null;
    aadTenantId: string;
    threatName: string | null;
    mitreTechniques: string[];
    relatedUser: { userName: string; domainName: string } | null;
    comments: { comment: string; createdBy: string; createdTime: string }[];
    /** The API shows it only when it is expanded. */
    evidence: AlertEvidence[];
}

/** A file, process, user … of an alert. */
export interface AlertEvidence {
    entityType: string;
    evidenceCreationTime: string;
    sha1: string | null;
    sha256: string | null;
    fileName: string | null;
    filePath: string | null;
    detectionStatus: string | null;
}
