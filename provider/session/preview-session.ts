import type { Guard } from "../guard/guard.ts";
import { errorLine } from "../model/errors.ts";
import type { Observer } from "../observe/observer.ts";
import type { Severity } from "../plan/preview-line.ts";
import type { Settings } from "./config.ts";
import { openSession, type Session, type SessionDependencies } from "./session.ts";
import type { Waits } from "./waits.ts";

/** The machine lists that a preview has time for, in addition to its lists of actions. They cover 5,100 machines. */
const maxMachineLists = 34;

/** Opens the session of a preview. It sends nothing, so that a list may show an action as final. */
export function openPreviewSession(settings: Settings, ties: SessionDependencies): Session {
    return openSession(settings, { ...ties, maxMachineLists, servesFinal: true });
}

/** The session, with its reads recorded as pending steps. `read`: reads an action. */
export function withWaits(session: Session, waits: Waits, read: Observer["read"] = session.observer.read): Session {
    const { observer, machines } = session;
    return {
        ...session,
        observer: {
            ...observer,
            read: (id, earlier) => waits.during("the list of actions", () => read(id, earlier)),
        },
        machines: { ...machines, factsOf: (id) => waits.during("machines", () => machines.factsOf(id)) },
    };
}

/** Logs which guard is in force, or that there is none, and what is doubtful about it. */
export async function introduceGuard(guard: Guard, log: (severity: Severity, line: string) => void): Promise<void> {
    try {
        const [line, ...doubts] = await guard.introduce();
        log("info", line);
        for (const doubt of doubts) {
            log("warn", doubt);
        }
    } catch (error) {
        log("error", errorLine(error));
    }
}
