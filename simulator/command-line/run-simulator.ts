import type { SimulatorProcess } from "./simulator-process.ts";

/**
 * Runs the command until it is stopped; returns its exit code: 0 ended as asked, 1 could not start, 2 invalid command
 * line. Never rejects.
 */
export async function runSimulator(args: readonly string[], process: SimulatorProcess): Promise<number> {
    // Loaded only when it runs, because most programs that import the package start simulators of their own.
    const { runCommand } = await import("./simulate.ts");
    return await runCommand(args, process);
}
