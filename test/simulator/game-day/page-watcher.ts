import type { PageRow, PageTotals } from "../../../simulator/page/page-message.ts";
import { openStream } from "../page/event-stream.ts";

/** A live page that is open for the whole game day, as a browser would keep it. */
export interface PageWatcher {
    /** What the page shows once it fits; throws when the page ends before. */
    until(fits: (rows: ReadonlyMap<string, PageRow>) => boolean): Promise<Shown>;
    close(): void;
}

export interface Shown {
    /** By the id of the action. */
    readonly rows: ReadonlyMap<string, PageRow>;
    readonly totals: PageTotals | undefined;
}

export async function watchPage(pageUrl: string | undefined): Promise<PageWatcher> {
    const stream = await openStream(pageUrl);
    const rows = new Map<string, PageRow>();
    let totals: PageTotals | undefined;
    return {
        async until(fits) {
            await stream.until((message) => {
                if (message.kind === "whole") {
                    rows.clear();
                }
                for (const row of message.rows ?? []) {
                    rows.set(row.id, row);
                }
                totals = message.totals ?? totals;
                return fits(rows);
            });
            return { rows, totals };
        },
        close: () => stream.close(),
    };
}
