import * as pulumi from "@pulumi/pulumi";
import { DefenderProvider, MachineActionCancellation } from "pulumi-defender-cancellation";

const config = new pulumi.Config();
const comment = config.require("comment");

for (const tenant of ["contoso", "fabrikam"]) {
    // A process of its own, which signs in to this tenant alone.
    const provider = new DefenderProvider(tenant, {
        tenantId: config.require(`${tenant}TenantId`),
        clientId: config.require(`${tenant}ClientId`),
        clientSecret: config.requireSecret(`${tenant}ClientSecret`),
    });
    new MachineActionCancellation(
        `wrong-isolation-${tenant}`,
        { machineActionId: config.require(`${tenant}MachineActionId`), comment },
        { provider },
    );
}
