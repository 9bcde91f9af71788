import { isNotFound } from "../../provider/cancel/cancel-failures.ts";
import { declaredTarget } from "../../provider/cancel/declared-target.ts";
import { howToApprove } from "../../provider/guard/refusals.ts";
import { noteOf } from "../../provider/machines/machine-notes.ts";
import { errorLine } from "../../provider/model/errors.ts";
import { type Foresight, foresee } from "../../provider/plan/foresight.ts";
import { inSendingOrder } from "../../provider/plan/sending-order.ts";
import type { SetEntry } from "../../provider/schema/set-inputs.ts";
import type { Session } from "../../provider/session/session.ts";
import type { ApplyInputs } from "./apply-inputs.ts";

/** What would be done to each action, and how it adds up. */
export interface Outlook {
    readonly lines: readonly string[];
    /** How many cancel requests would be sent. */
    readonly requests: number;
    /** Actions that are not what was approved. */
    readonly unexpected: number;
    /** Those that would fall short, and those that the guard would refuse. */
    readonly failing: number;
}

/** Reads all actions, and says for each what an apply would do. Sends nothing. */
export async function lookAhead({ entries, digest }: ApplyInputs, session: Session): Promise<Outlook> {
    const forecasts = await inSendingOrder(
        [...entries],
        ([id]) => id,
        async ([id, entry], read) => ({ id, ...(await forecastOf(entry, digest, read)) }),
        session,
    );
    const pairs = forecasts.flatMap((one) => one.pairs);
    const count = (verdict: Foresight["verdict"]) => forecasts.filter((one) => one.verdict === verdict).length;
    return {
        lines: [
            ...forecasts
                .toSorted((one, other) => rank(one) - rank(other))
                .map(({ id, line, verdict }) => `${verdict === "fine" ? "  " : "! "}${id}  ${line}`),
            ...(forecasts.some(({ isApprovable }) => isApprovable) ? [howToApprove(digest, pairs)] : []),
        ],
        requests: forecasts.filter(({ line }) => line.startsWith("would cancel")).length,
        unexpected: count("unexpected"),
        failing: count("would fail") + count("refused"),
    };
}

/** What goes wrong is read first; the rest stands in the order in which the requests go out. */
function rank({ verdict }: Foresight): number {
    return ["unexpected", "refused", "would fail", "fine"].indexOf(verdict);
}

async function forecastOf({ declared }: SetEntry, digest: string, session: Session): Promise<Foresight> {
    try {
        const foreseen = await foresee({ ...declaredTarget(declared), digest }, true, session);
        return { ...foreseen, line: `${foreseen.line}${foreseen.machine ? noteOf(foreseen.machine.facts) : ""}` };
    } catch (error) {
        const line = isNotFound(error)
            ? "not found: the API knows no such action"
            : `could not look: ${errorLine(error)}`;
        return { line, verdict: "would fail", machine: undefined, isApprovable: false, pairs: [] };
    }
}
