import { fork } from "node:child_process";
import { once } from "node:events";

/** Starts a program in a process of its own, gives it a task, and returns its answer. */
export async function askProcess<Task extends object, Answer>(
    program: URL,
    task: Task,
    flags: readonly string[] = [],
): Promise<Answer> {
    const child = fork(program, { execArgv: [...flags] });
    const ended = once(child, "exit").then(([code]) => {
        throw new Error(`${program.pathname} ended with exit code ${code} and no answer`);
    });
    child.send(task);
    const [answer] = await Promise.race([once(child, "message"), ended]);
    ended.catch(() => {});
    return answer as Answer;
}
