import { type Log, printable, printLine } from "../text/print.ts";
import { sendToEngine } from "./engine-message.ts";

/**
 * Shows lines about the step under way in the stack's row. A terminal shows each line until the next one, and not in
 * the diagnostics at the end; a pipeline's log has it once. `address`: that of the engine; without it, the lines are
 * printed.
 */
export function createEngineStatus(address: string | undefined): Log {
    return address === undefined
        ? printLine
        : (line) => void sendToEngine(address, { severity: "INFO", text: printable(line), isEphemeral: true });
}
