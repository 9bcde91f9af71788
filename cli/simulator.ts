import type { AddCommand } from "./command-frame.ts";
import { CliError, exitCodes } from "./exit-codes.ts";

const simulatorPackage = "defender-machine-actions-simulator";

/** A package of its own, so that users of the provider install nothing that only the simulator needs. */
async function loadSimulator() {
    try {
        import.meta.resolve(simulatorPackage);
    } catch (cause) {
        throw new CliError(
            `simulator: the package ${simulatorPackage} is not installed beside pulumi-defender-cancellation. ` +
                `Install it: npm install --save-dev ${simulatorPackage}`,
            { cause },
        );
    }
    return await import("defender-machine-actions-simulator");
}

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
                const { runSimulator } = await loadSimulator();
                const code = await runSimulator(flags, {
                    write: (text) => void stdout.write(text),
                    complain: (text) => void stderr.write(text),
                    stop,
                });
                return code === 0 ? exitCodes.fine : exitCodes.failed;
            }),
        );
};
