import { runSimulator } from "../simulator/run-simulator.ts";
import type { AddCommand } from "./command-frame.ts";
import { exitCodes } from "./exit-codes.ts";

/** `simulator`: its own flags and its own help. */
export const addSimulator: AddCommand = (program, { run }) => {
    program
        .command("simulator")
        .summary("play the Defender API on this machine, for game days")
        .usage("[flags]; simulator --help names them")
        .helpOption(false)
        .allowUnknownOption()
        .argument("[flags...]")
        .action((flags: string[]) =>
            run(async ({ host: { stdout, stderr, stop } }) => {
                const code = await runSimulator(flags, {
                    write: (text) => void stdout.write(text),
                    complain: (text) => void stderr.write(text),
                    stop,
                });
                return code === 0 ? exitCodes.fine : exitCodes.failed;
            }),
        );
};
