import { isMachineId } from "../../provider/model/machine-action.ts";
import type { Log } from "../../provider/text/print.ts";
import { type CancellationEntry, effectOnMachine } from "../state/records.ts";
import { showSecrets } from "../state/secret-values.ts";
import { leftOutOf, type Report } from "./report-data.ts";

/** The ids of the machines, each once, one a line. */
export function machineIds({ entries }: Pick<Report, "entries">): string {
    return [...new Set(entries.flatMap((entry) => machineIdOf(entry) ?? []))].sort().join("\n");
}

/** Undefined for what is not the id of a machine, which only an edited record has: a line of the list must be one id. */
function machineIdOf({ machineId }: CancellationEntry): string | undefined {
    return machineId !== undefined && isMachineId(machineId) ? machineId.toLowerCase() : undefined;
}

/** Whether the list has every machine that it should; logs what it may lack. */
export function isCompleteList(report: Report, log: { note: Log }): boolean {
    const { entries, unfinished } = report;
    const without = entries.filter((entry) => machineIdOf(entry) === undefined);
    for (const { machineActionId } of without) {
        log.note(`machine action ${machineActionId} has no machine id, so the list does not contain it`);
    }
    const leftOut = leftOutOf(report);
    const countOf = (effect: string) => leftOut.filter((entry) => effectOnMachine(entry) === effect).length;
    const [secret, unproven] = [countOf("secret"), countOf("unproven")];
    const lacking = (count: number, why: string) =>
        `the ${count === 1 ? "effect of 1 action is" : `effects of ${count} actions are`} ${why}, so the list may lack ${count === 1 ? "it" : "them"}`;
    if (secret > 0) {
        log.note(`${lacking(secret, "secret")}: ${showSecrets}`);
    }
    if (unproven > 0) {
        log.note(`${lacking(unproven, "not proven yet")}: run \`pulumi up\` or \`apply\` again`);
    }
    return without.length + secret + unproven + unfinished.length === 0;
}
