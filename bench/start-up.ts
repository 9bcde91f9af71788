import { machineActionCancellation as reference } from "../provider/model/provider-reference.ts";
import type { Row } from "./rounds.ts";
import { pluginAnswers, runs } from "./start-process.ts";

const inputs = { machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", comment: "INC-4711" };

/** The time that the package adds to the start of a process; each `pulumi` command starts the plugin at least once. */
export const startUp: readonly Row[] = [
    { name: "Node.js alone", measure: runs("") },
    {
        name: "import of pulumi-defender-cancellation/lifecycle",
        measure: runs('require("pulumi-defender-cancellation/lifecycle");'),
        against: "Node.js alone",
    },
    {
        name: "plugin's first answer, provider that does nothing",
        measure: pluginAnswers("exports.handler = () => ({});", inputs),
    },
    {
        name: "plugin's first answer, MachineActionCancellation",
        measure: pluginAnswers(reference.text, inputs),
        against: "plugin's first answer, provider that does nothing",
    },
];
