/** A command of a live response, as its submission names it. */
export interface LiveResponseCommand {
    /** `RunScript`, `GetFile` or `PutFile`. */
    type: string;
    params: { key: string; value: string }[];
}

/** The commands of a live response, which the simulator shows while it runs. Every property has a default. */
export interface LiveResponseSeed {
    /** Default: one `RunScript`. */
    commands?: LiveResponseCommand[];
    /** How long after its submission the commands are shown, in milliseconds. Default 5,000. */
    commandsAfterMs?: number;
    /** How long each command runs, in milliseconds. Default 10,000. `runsForMs` of the action takes precedence. */
    commandRunsForMs?: number;
}

/** A command as a machine action shows it. */
export interface CommandRow {
    index: number;
    startTime: string | null;
    endTime: string | null;
    /** `Created`, `Executing`, `Completed` or `Failed`. */
    commandStatus: string;
    errors: string[];
    command: LiveResponseCommand;
}

/** The commands of a live response whose seed names none. */
export const usualCommands: readonly LiveResponseCommand[] = [
    { type: "RunScript", params: [{ key: "ScriptName", value: "collect-triage.ps1" }] },
];

/** The commands that a seed's live response runs; undefined if its row shows `commands` as they were seeded. */
export function commandsOf(seed: { liveResponse?: LiveResponseSeed }): readonly LiveResponseCommand[] | undefined {
    return seed.liveResponse && (seed.liveResponse.commands ?? usualCommands);
}

/** The commands of a live response that was submitted and has not started. */
export function createdCommands(commands: readonly LiveResponseCommand[]): CommandRow[] {
    return commands.map((command, index) => ({
        index,
        startTime: null,
        endTime: null,
        commandStatus: "Created",
        errors: [],
        command: structuredClone(command),
    }));
}

/** The commands of a live response that has started: the first one runs, the others follow. */
export function executingCommands(commands: readonly LiveResponseCommand[], time: string): CommandRow[] {
    return createdCommands(commands).map((row) =>
        row.index === 0 ? { ...row, commandStatus: "Executing", startTime: time } : row,
    );
}

/** The commands of a live response of which the first ones, so many, are over, and the next one runs. */
export function progressedCommands(rows: readonly CommandRow[], over: number, time: string): CommandRow[] {
    return rows.map((row) => {
        if (row.index < over && row.commandStatus !== "Completed") {
            return { ...row, commandStatus: "Completed", startTime: row.startTime ?? time, endTime: time };
        }
        return row.index === over ? { ...row, commandStatus: "Executing", startTime: row.startTime ?? time } : row;
    });
}

/**
 * The commands of a live response that has ended. After Succeeded they are Completed. After Failed, the command that
 * ran is Failed, and the other commands stay Created. Any other end leaves them unchanged.
 */
export function endedCommands(rows: readonly CommandRow[], status: string, time: string): CommandRow[] {
    const end: Readonly<Record<string, string>> = { succeeded: "Completed", failed: "Failed" };
    const commandStatus = end[status.toLowerCase()];
    return rows.map((row) =>
        (commandStatus === "Completed" && row.commandStatus !== "Completed") ||
        (commandStatus === "Failed" && row.commandStatus === "Executing")
            ? { ...row, commandStatus, startTime: row.startTime ?? time, endTime: time }
            : row,
    );
}
