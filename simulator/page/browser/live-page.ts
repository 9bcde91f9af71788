import type { PageMessage, PageTotals } from "../page-message.ts";
import { createElements, type PageDocument, type PageStream } from "./dom.ts";
import { createFleetView } from "./fleet-view.ts";
import { createSideViews } from "./side-views.ts";
import { clockTime, statusGroups } from "./words.ts";

/**
 * Shows the messages of the stream. The browser opens a broken stream again; this does so where the browser does not:
 * when the server refuses, and when the stream stays silent.
 */
export function livePage(document: PageDocument, openStream: () => PageStream): void {
    const reopenMs = 2_000;
    const silentMs = 10_000;
    const announceMs = 5_000;
    const elements = createElements(document);
    const { find, show } = elements;
    const fleet = createFleetView(elements);
    const side = createSideViews(elements);
    let stream: PageStream | undefined;
    let lastMessage = Date.now();
    let lastAt: number | undefined;
    let announcement = "";

    /** `words` is empty when all is well. */
    function connection(name: string, words: string): void {
        find("connection").className = name;
        show(find("connection"), name);
        show(find("trouble"), words);
        find("trouble").hidden = words === "";
    }

    function lost(): void {
        if (find("connection").className === "ended") {
            return;
        }
        const shown = lastAt === undefined ? "" : ` The page shows the state of ${clockTime(lastAt)} UTC.`;
        connection("lost", `The connection to the simulator is lost. Trying again.${shown}`);
    }

    function showTotals(totals: PageTotals): void {
        side.totals(totals);
        const { groups, reissues } = totals;
        const open = groups.pending + groups["in-progress"];
        document.title = `${open} open, ${groups.cancelled} cancelled`;
        announcement = [
            ...statusGroups().flatMap(([group, name]) =>
                group === "other" && groups.other === 0 ? [] : [`${name} ${groups[group]}`],
            ),
            `Re-issues ${reissues}`,
        ].join(", ");
    }

    function receive({ at, kind, rows, totals, quotas, requests }: PageMessage): void {
        if (kind === "ended") {
            connection("ended", `The simulator has ended at ${clockTime(at)} UTC. The page shows its last state.`);
            return;
        }
        const whole = kind === "whole";
        lastAt = at;
        connection("live", "");
        show(find("clock"), clockTime(at));
        if (rows !== undefined) {
            fleet.update(rows, whole, at);
        }
        if (totals !== undefined) {
            showTotals(totals);
        }
        if (quotas !== undefined) {
            side.quotas(quotas);
        }
        if (requests !== undefined) {
            side.requests(requests, whole);
        }
    }

    function open(): void {
        stream?.close();
        const opened = openStream();
        stream = opened;
        lastMessage = Date.now();
        opened.onmessage = ({ data }) => {
            lastMessage = Date.now();
            receive(JSON.parse(data) as PageMessage);
        };
        opened.onerror = () => {
            lost();
            if (opened.readyState === 2) {
                setTimeout(open, reopenMs);
            }
        };
    }

    open();
    setInterval(() => {
        if (Date.now() - lastMessage > silentMs) {
            lost();
            open();
        }
    }, reopenMs);
    // Not with each change, because a screen reader could not follow.
    setInterval(() => show(find("announcement"), announcement), announceMs);
}
