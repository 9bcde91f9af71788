import type { SimulatorInput } from "./terminal-keys.ts";

/** The parts of its process that the command uses. */
export interface SimulatorProcess {
    readonly write: (text: string) => void;
    readonly complain: (text: string) => void;
    /** Aborted when the simulator must end. */
    readonly stop: AbortSignal;
    /**
     * The commands of the user: keys if this and the output are a terminal, otherwise lines. Default: none are read.
     */
    readonly input?: SimulatorInput;
    /** The width of the terminal that the output is shown on. Default: the output is not a terminal. */
    readonly columns?: number | undefined;
}
