import type { PageQuota, PageRequest, PageTotals } from "../page-message.ts";
import type { Elements, PageElement } from "./dom.ts";
import { clockTime, counted, quotaWords, statusGroups } from "./words.ts";

/** The numbers on top, and what stands beside the fleet. */
export interface SideViews {
    totals(totals: PageTotals): void;
    quotas(quotas: readonly PageQuota[]): void;
    /** Adds requests on top; with `whole`, instead of all so far. Newest first. */
    requests(requests: readonly PageRequest[], whole: boolean): void;
}

export function createSideViews({ find, make, show }: Elements): SideViews {
    const shownRequests = 30;
    let requestLines: PageElement[] = [];

    function number(id: string, count: number): void {
        show(find(`number-${id}`), String(count));
        find(`tile-${id}`).classList.toggle("none", count === 0);
        find(`tile-${id}`).classList.toggle("wide", count > 999);
    }

    function quotaLine({ application, used, requests, periodSeconds, freeInSeconds }: PageQuota): PageElement {
        const bar = make("span", "filled");
        bar.style.width = `${Math.min(100, (100 * used) / requests)}%`;
        const count = make("span", "used", make("b", "", `${used} of ${requests}`), ` in ${periodSeconds} s`);
        return make(
            "li",
            freeInSeconds > 0 ? "quota full" : "quota",
            make("span", "application", application),
            count,
            make("span", "bar", bar),
            make("span", "left", quotaWords(used, requests, freeInSeconds)),
        );
    }

    function requestLine({ at, method, target, status, meaning, machine, outcome }: PageRequest): PageElement {
        const name = machine === "" ? [" "] : [make("b", "", machine)];
        const time = make("time", "", clockTime(at));
        const line = make("span", "target text", time, make("span", "", method), ...name, make("span", "", target));
        line.title = line.textContent ?? "";
        return make("li", outcome, make("span", "meaning", meaning), make("span", "code", status), line);
    }

    return {
        totals({ groups, actions, machines, reissues, openReissues, late }) {
            show(find("fleet-size"), `${counted(actions, "action")} on ${counted(machines, "machine")}`);
            for (const [group] of statusGroups()) {
                number(group, groups[group]);
                find(`part-${group}`).style.flexGrow = String(groups[group]);
            }
            find("tile-other").hidden = groups.other === 0;
            number("reissues", reissues);
            show(find("note-reissues"), openReissues === 0 ? "" : `${openReissues} still open`);
            show(find("note-succeeded"), late === 0 ? "" : `${late} too late`);
        },
        quotas(quotas) {
            find("no-quota").hidden = quotas.length > 0;
            find("quotas").replaceChildren(...quotas.map(quotaLine));
        },
        requests(requests, whole) {
            const lines = requests.map(requestLine);
            requestLines = [...lines, ...(whole ? [] : requestLines)].slice(0, shownRequests);
            find("no-requests").hidden = requestLines.length > 0;
            find("requests").replaceChildren(...requestLines);
        },
    };
}
