import { DefenderError, errorLine } from "../model/errors.ts";
import { counted } from "../text/counted.ts";
import type { DayCount } from "./day-count.ts";
import type { Refusal } from "./decision.ts";
import type { GuardFile } from "./guard-file.ts";
import type { RunCount } from "./run-count.ts";

type Limited = Pick<GuardFile, "path" | "rules">;

/** The places that `maxPerDay` and `maxPerRun` leave for cancel requests. */
export interface Places {
    /** Takes a place of the day and a place of the run for an action; or takes neither, and returns what refuses it. */
    take(guard: Limited, machineActionId: string): Promise<Refusal[]>;
    /** Returns both places when nothing was sent. Never rejects. */
    giveBack(guard: Limited, machineActionId: string): Promise<void>;
}

export function createPlaces(run: RunCount, day: DayCount): Places {
    async function takeOfDay({ path, rules: { maxPerDay } }: Limited, machineActionId: string): Promise<Refusal[]> {
        try {
            const full = maxPerDay === undefined ? undefined : await day.take(machineActionId, maxPerDay);
            if (full === undefined) {
                return [];
            }
            const because =
                `Defender shows ${counted(full.shown, "cancellation")} of the last 24 hours, and this run has requested ` +
                `${full.sent} more; at most ${maxPerDay} are allowed`;
            return [{ rule: "maxPerDay", because }];
        } catch (error) {
            throw new DefenderError(
                "ERR_DEFENDER_GUARD",
                `the guard ${path} has maxPerDay, but the cancellations of the last 24 hours cannot be counted: ` +
                    `${errorLine(error)}. Nothing is sent. Run again once the API lists them; the token needs Machine.Read.All`,
                { cause: error },
            );
        }
    }

    async function takeOfRun({ path, rules: { maxPerRun } }: Limited): Promise<Refusal[]> {
        try {
            const isTaken = maxPerRun === undefined || (await run.take(maxPerRun));
            const because = `this run has already used its ${maxPerRun} cancel requests`;
            return isTaken ? [] : [{ rule: "maxPerRun", because }];
        } catch (error) {
            throw new DefenderError(
                "ERR_DEFENDER_GUARD",
                `the guard ${path} has maxPerRun, but the count of this run cannot be kept: ${errorLine(error)}. Nothing ` +
                    "is sent",
            );
        }
    }

    async function giveBackOfDay({ rules: { maxPerDay } }: Limited, machineActionId: string): Promise<void> {
        if (maxPerDay !== undefined) {
            await day.giveBack(machineActionId);
        }
    }

    return {
        async take(guard, machineActionId) {
            // The place of the day comes first: its list may have to be read, and the waiting callers then continue in
            // order.
            const ofDay = await takeOfDay(guard, machineActionId);
            if (ofDay.length > 0) {
                return ofDay;
            }
            let ofRun: Refusal[] | undefined;
            try {
                ofRun = await takeOfRun(guard);
                return ofRun;
            } finally {
                if (ofRun?.length !== 0) {
                    await giveBackOfDay(guard, machineActionId);
                }
            }
        },
        async giveBack(guard, machineActionId) {
            await giveBackOfDay(guard, machineActionId);
            if (guard.rules.maxPerRun !== undefined) {
                // If this fails, the place stays taken. That allows fewer requests, never more.
                await run.giveBack().catch(() => {});
            }
        },
    };
}
