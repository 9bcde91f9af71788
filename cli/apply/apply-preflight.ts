import { isNotFound } from "../../provider/cancel/cancel-failures.ts";
import { declaredTarget } from "../../provider/declared-target.ts";
import { errorLine } from "../../provider/errors.ts";
import { type Forecast, forecast } from "../../provider/preflight/forecast.ts";
import type { Session } from "../../provider/session.ts";
import type { SetEntry } from "../../provider/set/set-inputs.ts";

/** What would be done to each action, and how it adds up. */
export interface Outlook {
    readonly lines: readonly string[];
    /** How many cancel requests would be sent. */
    readonly requests: number;
    /** Actions that are not what was approved. */
    readonly unexpected: number;
    /** Those that would fall short. */
    readonly failing: number;
}

/** Reads all actions, and says for each what an apply would do. Sends nothing. */
export async function lookAhead(entries: ReadonlyMap<string, SetEntry>, session: Session): Promise<Outlook> {
    const forecasts = await Promise.all(
        [...entries].map(async ([id, entry]) => ({ id, ...(await forecastOf(id, entry, session)) })),
    );
    const count = (verdict: Forecast["verdict"]) => forecasts.filter((one) => one.verdict === verdict).length;
    return {
        lines: forecasts
            .toSorted((one, other) => rank(one) - rank(other))
            .map(({ id, line, verdict }) => `${verdict === "fine" ? "  " : "! "}${id}  ${line}`),
        requests: forecasts.filter(({ line }) => line.startsWith("would cancel")).length,
        unexpected: count("unexpected"),
        failing: count("would fail"),
    };
}

/** What goes wrong is read first. */
function rank({ verdict }: Forecast): number {
    return ["unexpected", "would fail", "fine"].indexOf(verdict);
}

async function forecastOf(id: string, { inputs }: SetEntry, { observer, clock }: Session): Promise<Forecast> {
    try {
        const { action, date } = await observer.observe(id);
        const now = Math.max(clock.now(), Date.parse(date ?? "") || 0);
        return forecast(action, declaredTarget(id, inputs, {}), now);
    } catch (error) {
        const line = isNotFound(error)
            ? "not found: the API knows no such action"
            : `could not look: ${errorLine(error)}`;
        return { line, verdict: "would fail" };
    }
}
