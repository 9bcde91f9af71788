import { fork } from "node:child_process";
import { once } from "node:events";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { errorLine } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { type HostileAnswer, id, startHostileServer } from "./hostile-server.ts";
import { httpTo } from "./http-client.ts";

/** The request, and the address of the server. */
export interface HostileQuestion {
    readonly url: string;
    readonly reads: HostileAnswer["reads"];
    /** In place of the client's 30 s. */
    readonly answerWithinMs: number;
}

/** The result: an error, or the action; a list has no action. */
export interface HostileEnding {
    readonly error?: string;
    readonly action?: MachineAction;
}

/** The result of a read in a process of its own. */
export interface MeasuredEnding extends HostileEnding {
    readonly seconds: number;
    /** The peak memory of the process above its memory before, in MB. */
    readonly peakMb: number;
}

/** Reads with the real client, which does not pause before it tries again. */
export async function readHostile({ url, reads, answerWithinMs }: HostileQuestion): Promise<HostileEnding> {
    const clock = { now: Date.now, sleep: async () => {} };
    const client = createDefenderClient(httpTo(url, { clock, answerWithinMs }));
    try {
        if (reads === "list") {
            await Array.fromAsync(client.list("x"));
            return {};
        }
        return { action: (await client.get(id)).action };
    } catch (error) {
        return { error: errorLine(error) };
    }
}

/** Reads one of the hostile answers in a process of its own. */
export async function measureHostile(answer: HostileAnswer, answerWithinMs: number): Promise<MeasuredEnding> {
    await using server = await startHostileServer(answer);
    const child = fork(new URL("./hostile-read-process.ts", import.meta.url), {
        execArgv: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
    });
    child.send({ url: server.url, reads: answer.reads, answerWithinMs } satisfies HostileQuestion);
    const gone = once(child, "exit");
    const [ending] = await Promise.race([
        once(child, "message"),
        gone.then(([code, signal]) => [{ error: `the process ended: ${code ?? signal}`, seconds: 0, peakMb: 0 }]),
    ]);
    await gone;
    return ending as MeasuredEnding;
}
