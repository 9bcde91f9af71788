import type { AddCommand } from "./command-frame.ts";
import { CliError, type ExitCode, exitCodes } from "./exit-codes.ts";

const simulatorPackage = "defender-machine-actions-simulator";

/** The simulator is a separate package, so that users of the provider do not install the simulator's dependencies. */
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

/** `simulator`: passes its flags, `--help` among them, to the simulator. */
export const addSimulator: AddCommand = (program, { run }) => {
    program
        .command("simulator")
        .summary("simulate the Defender API on this machine, for game days")
        .usage("[flags]; see simulator --help")
        .helpOption(false)
        .allowUnknownOption()
        .argument("[flags...]")
        .action((flags: string[]) =>
            run(async ({ host: { stdin, stdout, stderr, stop } }) => {
                const { runSimulator } = await loadSimulator();
                const code = await runSimulator(flags, {
                    write: (text) => void stdout.write(text),
                    complain: (text) => void stderr.write(text),
                    stop,
                    input: stdin,
                    get columns() {
                        return stdout.columns;
                    },
                });
                return exitCodeOf(code);
            }),
        );
};

/** Whether the command of these arguments serves requests, and sends none. */
export function isServer([command]: readonly string[]): boolean {
    return command === "simulator";
}

/** The exit code of this command for one of the simulator, whose code 2 is an invalid command line. */
function exitCodeOf(code: number): ExitCode {
    const known: Readonly<Record<number, ExitCode>> = { 0: exitCodes.fine, 2: exitCodes.usage };
    return known[code] ?? exitCodes.failed;
}
