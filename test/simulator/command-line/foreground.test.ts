import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";

const module = new URL("../../../simulator/command-line/foreground.ts", import.meta.url).href;
const program = `import { isInForeground } from ${JSON.stringify(module)}; console.log(String(isInForeground()));`;

/** Runs a command as a job of a new terminal, in the background or not, and prints what it writes there. */
const job = `
import os, pty, sys
background, *command = sys.argv[1:]
shell, terminal = pty.fork()
if shell == 0:
    child = os.fork()
    if child == 0:
        if background == "yes":
            os.setpgid(0, 0)
        os.execv(command[0], command)
    os._exit(os.waitpid(child, 0)[1])
written = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    written += part
os.waitpid(shell, 0)
sys.stdout.write(written.decode().strip())
`;

for (const [background, expected] of [
    ["yes", "false"],
    ["no", "true"],
] as const) {
    test(`whether a job may read its terminal is ${expected} in the ${expected === "true" ? "fore" : "back"}ground`, async (t) => {
        const command = [process.execPath, "--input-type=module", "--eval", program];
        const { stdout } = await promisify(execFile)("python3", ["-c", job, background, ...command]);
        t.is(stdout, expected);
    });
}
