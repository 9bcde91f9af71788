import type { Reissue } from "../../provider/model/reissue.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { ActionSeed } from "../../simulator/index.ts";
import { id, onStage, type Stage, type StageOptions } from "./stage.ts";

export const soar = "soar@contoso.example";
export const other = "AttackDisruption";
export const hour = 3_600_000;
export const bystander = "00000000-0000-4000-8000-00000000bbbb";
export const clean = { changes: false, replaces: [] };

/** The inputs that let re-issues be cancelled. */
export const fenced = { onReissue: "cancel", notAfter: "2026-05-06T00:00:00Z", expect: { requestor: soar } };

/** A cancellation that is proven, with the inputs that declare it. */
export interface Proven extends Stage {
    readonly news: Properties;
    readonly outs: Properties;
    /** Issues the action again, a second later; its new id. */
    readonly again: (requestor?: string) => string;
    /** Refreshes as the engine does; returns the state that it stores. */
    readonly refresh: (stored: Properties) => Promise<{ outs: Properties; shown: unknown; changes: boolean }>;
}

export async function whenProven(
    work: (proven: Proven) => Promise<void>,
    changes: Properties = {},
    { seed = {}, ...options }: StageOptions & { readonly seed?: ActionSeed } = {},
): Promise<void> {
    await onStage(
        [{ id, ...seed }, { id: bystander }],
        async (stage) => {
            const { lifecycle, simulator, clock, inputs } = stage;
            const news = await inputs(changes);
            const { outs } = await lifecycle.create(news);
            await work({
                ...stage,
                news,
                outs,
                again(requestor) {
                    clock.advance(1_000);
                    return simulator.reissue(id, requestor).id;
                },
                async refresh(stored) {
                    const { props, inputs: shown } = await lifecycle.read(id, stored);
                    const { changes } = await lifecycle.diff(id, props, news);
                    return { outs: props, shown: shown.desiredStatus, changes };
                },
            });
        },
        options,
    );
}

export const reissuesOf = (outputs: Properties): Reissue[] => (outputs.reissues ?? []) as Reissue[];
