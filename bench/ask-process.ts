import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** How to start a program in a process of its own. */
export interface ProcessOptions {
    /** For Node.js. */
    readonly flags?: readonly string[];
    /** On top of our own environment. */
    readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program in a process of its own, gives it a task, and returns its answer. */
export async function askProcess<Task extends object, Answer>(
    program: URL,
    task: Task,
    options: ProcessOptions = {},
): Promise<Answer> {
    return answerOf(start(program, options), program, task);
}

/** A process that continues after its answer, until it is disposed of. */
export interface KeptProcess<Answer> extends AsyncDisposable {
    readonly answer: Answer;
}

/** As {@link askProcess}, for a program that continues after its answer. */
export async function keepProcess<Task extends object, Answer>(
    program: URL,
    task: Task,
    options: ProcessOptions = {},
): Promise<KeptProcess<Answer>> {
    const child = start(program, options);
    const answer = await answerOf<Task, Answer>(child, program, task);
    return {
        answer,
        async [Symbol.asyncDispose]() {
            if (child.exitCode === null && child.signalCode === null) {
                child.kill("SIGKILL");
                await once(child, "exit");
            }
        },
    };
}

function start(program: URL, { flags = [], env = {} }: ProcessOptions): ChildProcess {
    // Its output would appear between our figures.
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    return fork(program, { execArgv: [...flags], env: { ...process.env, ...env }, stdio: [...stdio] });
}

async function answerOf<Task extends object, Answer>(child: ChildProcess, program: URL, task: Task): Promise<Answer> {
    const ended = once(child, "exit").then(([code]) => {
        throw new Error(`${program.pathname} ended with exit code ${code} and no answer`);
    });
    child.send(task);
    const [answer] = await Promise.race([once(child, "message"), ended]);
    ended.catch(() => {});
    return answer as Answer;
}
