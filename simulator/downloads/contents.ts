import type { CommandRow } from "../actions/live-response.ts";
import { isFinal, isSameType, type MachineActionRow } from "../actions/machine-action.ts";
import { zipArchive } from "./zip-archive.ts";

/** A file that an action brought from its machine. */
export interface Download {
    contentType: string;
    body: Buffer;
}

const zip = "application/zip";

/** The package that an action has collected; undefined if it is of another type or has not succeeded. */
export function packageOf(row: MachineActionRow): Download | undefined {
    const { type, status, machineId, computerDnsName, lastUpdateDateTimeUtc } = row;
    if (!isSameType(type, "CollectInvestigationPackage") || status !== "Succeeded") {
        return undefined;
    }
    const files = {
        "Forensics Collection Summary.csv": `Machine,Computer name,Collected\r\n${machineId},${computerDnsName},${lastUpdateDateTimeUtc}\r\n`,
        "Autoruns/Run.txt": "OneDrive\r\nSecurityHealth\r\n",
        "Network connections/ActiveNetConnections.txt": "TCP 10.0.0.17:49712 198.51.100.7:443 ESTABLISHED\r\n",
        "Processes/Processes.csv": "Name,Id\r\nMsSense.exe,3120\r\nexplorer.exe,6044\r\n",
        "Scheduled tasks/ScheduledTasks.csv": "TaskName,Status\r\nDefrag,Ready\r\n",
        "System Information/SystemInformation.txt": `Host Name: ${computerDnsName}\r\nOS Name: Microsoft Windows 11\r\n`,
    };
    return { contentType: zip, body: zipArchive(files) };
}

/**
 * The result of a live response's command; undefined if there is none. A script has a transcript, a collected file is
 * in an archive, and a file that was put on the machine has no result.
 */
export function commandResultOf(row: MachineActionRow, index: number): Download | undefined {
    const command = (row.commands as Partial<CommandRow>[])[index];
    if (!isSameType(row.type, "LiveResponse") || !isFinal(row.status) || command?.commandStatus !== "Completed") {
        return undefined;
    }
    const { type = "", params = [] } = command.command ?? {};
    const parameter = (key: string): string => params.find((one) => one.key === key)?.value ?? "";
    switch (type) {
        case "RunScript":
            return transcriptOf(parameter("ScriptName"), parameter("Args"));
        case "GetFile": {
            const path = parameter("Path");
            // Windows has no longer file name; an archive has a limit too.
            const name = path.split(/[\\/]/).at(-1)?.slice(-255) || "file";
            return { contentType: zip, body: zipArchive({ [name]: `Simulated content of ${path}\r\n` }) };
        }
        default:
            return undefined;
    }
}

function transcriptOf(script: string, args: string): Download {
    const result = {
        script_name: script,
        exit_code: 0,
        script_output: `Simulated run of ${script}${args === "" ? "" : ` ${args}`}\n`,
        script_errors: "",
    };
    return { contentType: "application/json", body: Buffer.from(JSON.stringify(result)) };
}
