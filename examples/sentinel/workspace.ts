import * as operationalinsights from "@pulumi/azure-native/operationalinsights/index.js";
import * as securityinsights from "@pulumi/azure-native/securityinsights/index.js";
import type * as pulumi from "@pulumi/pulumi";

/** A Log Analytics workspace with Sentinel. */
export interface Workspace {
    readonly id: pulumi.Input<string>;
    readonly name: pulumi.Input<string>;
    readonly resourceGroupName: pulumi.Input<string>;
    /** The data collection rule must be in the same region. */
    readonly location: pulumi.Output<string>;
    /** Must exist before analytics rules; undefined where Sentinel is on already. */
    readonly onboarding: pulumi.Resource | undefined;
}

const workspaceId =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.OperationalInsights\/workspaces\/([^/]+)$/i;

/** The workspace with this resource id. */
export function existingWorkspace(id: string, isOnboarded: boolean): Workspace {
    const [, resourceGroupName, workspaceName] = workspaceId.exec(id) ?? [];
    if (resourceGroupName === undefined || workspaceName === undefined) {
        throw new Error(
            "The config value workspaceId is not the resource id of a workspace. Copy it from the workspace's page " +
                "in the Azure portal: JSON View, Resource ID.",
        );
    }
    const found = operationalinsights.getWorkspaceOutput({ resourceGroupName, workspaceName });
    return {
        id,
        name: workspaceName,
        resourceGroupName,
        location: found.location,
        onboarding: isOnboarded ? undefined : onboard(resourceGroupName, workspaceName),
    };
}

/** A new workspace. `pulumi destroy` leaves it in Azure, because it has the events. */
export function newWorkspace(resourceGroupName: string, retentionInDays: number): Workspace {
    const created = new operationalinsights.Workspace(
        "security",
        {
            resourceGroupName,
            sku: { name: operationalinsights.WorkspaceSkuNameEnum.PerGB2018 },
            retentionInDays,
            // No shared key can write to the workspace: rows come through the data collection rule alone.
            features: { disableLocalAuth: true },
        },
        { retainOnDelete: true },
    );
    return {
        id: created.id,
        name: created.name,
        resourceGroupName,
        location: created.location,
        onboarding: onboard(resourceGroupName, created.name),
    };
}

function onboard(
    resourceGroupName: string,
    workspaceName: pulumi.Input<string>,
): securityinsights.SentinelOnboardingState {
    return new securityinsights.SentinelOnboardingState(
        "sentinel",
        { resourceGroupName, workspaceName, sentinelOnboardingStateName: "default" },
        // To delete it turns Sentinel off, with the rules of every other product.
        { retainOnDelete: true },
    );
}
