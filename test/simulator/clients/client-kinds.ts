import type { ClientKind } from "./client-kind.ts";
import { logicApps, powerAutomate, terraform, vmray } from "./kinds/automation.ts";
import { defenderApi, mdeAutomator, psmde } from "./kinds/powershell-modules.ts";
import { examples, mcpServer, mdeClient, rust } from "./kinds/programs.ts";
import { elastic, sekoia, splunk, xsoar } from "./kinds/soar-connectors.ts";

/** The clients whose requests the tests replay, in the order of the table. */
export const clientKinds: readonly ClientKind[] = [
    elastic,
    xsoar,
    splunk,
    sekoia,
    powerAutomate,
    logicApps,
    psmde,
    mdeAutomator,
    defenderApi,
    vmray,
    mcpServer,
    rust,
    mdeClient,
    terraform,
    examples,
];
