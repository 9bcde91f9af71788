import type { PageRow } from "../page-message.ts";
import type { Elements, PageElement } from "./dom.ts";
import { cancellerWords, shortTime, statusGroups } from "./words.ts";

/** The table of machine actions. */
export interface FleetView {
    /** Adds the rows or replaces those that it has; with `whole`, instead of all rows so far. */
    update(rows: readonly PageRow[], whole: boolean, now: number): void;
}

/** A part of the table. Large fleets have one for each status, folded. */
interface Section {
    readonly holds: (row: PageRow) => boolean;
    /** Undefined: the section cannot be folded. */
    readonly details: PageElement | undefined;
    readonly count: PageElement;
    readonly body: PageElement;
    readonly more: PageElement;
    limit: number;
    shown: readonly PageElement[];
}

export function createFleetView({ find, make, show }: Elements): FleetView {
    const foldedFrom = 200;
    const pageLength = 200;
    const flashMs = 4_000;
    const fleet = find("fleet");
    let rows = new Map<string, PageRow>();
    let order: string[] = [];
    let lines = new Map<string, { row: PageRow; line: PageElement }>();
    let sections: Section[] = [];
    let now = 0;

    function heading(): PageElement {
        const names = [
            ["machine", "Machine"],
            ["type", "Type"],
            ["status", "Status"],
            ["requestor", "Requestor"],
            ["canceller", "Cancelled by"],
            ["since", "Since"],
        ] as const;
        const headings = names.map(([className, name]) => make("th", className, name));
        for (const one of headings) {
            one.setAttribute("scope", "col");
            one.setAttribute("role", "columnheader");
        }
        return make("tr", "", ...headings);
    }

    /** `marks` stay visible where the text is cut. */
    function cell(className: string, text: readonly (PageElement | string)[], marks: readonly PageElement[] = []) {
        const shown = make("span", "text", ...text);
        shown.title = shown.textContent ?? "";
        const made = make("td", className, make("span", "fit", shown, ...marks));
        made.setAttribute("role", "cell");
        return made;
    }

    function machineCell({ machine, online }: PageRow): PageElement {
        const [name = "", ...domain] = /^[\w-]+\./.test(machine) ? machine.split(/(?=\.)/) : [machine];
        const presence = online === undefined ? [] : [make("i", online ? "presence is-online" : "presence")];
        for (const mark of presence) {
            show(mark, online === true ? "online" : "offline");
        }
        return cell("machine", [make("b", name.length > 24 ? "long" : "", name), domain.join("")], presence);
    }

    function cells(row: PageRow): PageElement[] {
        const late = row.group === "succeeded" && row.canceller !== "";
        const since = cell("since", [make("span", "on-phone", "since "), shortTime(row.since, now)]);
        since.title = row.since;
        return [
            machineCell(row),
            cell("type", [row.type], row.reissue ? [make("i", "reissue", "re-issue")] : []),
            cell("status", [make("span", `state ${row.group}${late ? " late" : ""}`, row.status)]),
            cell("requestor", [make("span", "on-phone", "by "), row.requestor]),
            cell(`canceller${row.canceller === "" ? " empty" : ""}`, [
                make("span", "on-phone", row.group === "cancelled" ? "cancelled by " : "cancel: "),
                cancellerWords(row),
            ]),
            since,
        ];
    }

    function lineOf(row: PageRow): PageElement {
        const known = lines.get(row.id);
        if (known?.row === row) {
            return known.line;
        }
        const line = known?.line ?? make("tr", "");
        line.setAttribute("role", "row");
        line.replaceChildren(...cells(row));
        lines.set(row.id, { row, line });
        return line;
    }

    function makeSection(name: string, holds: Section["holds"], folds: boolean): Section {
        const count = make("b", "");
        const body = make("tbody", "");
        body.setAttribute("role", "rowgroup");
        const table = make("table", "", make("thead", "", heading()), body);
        table.setAttribute("role", "table");
        table.setAttribute("aria-label", name);
        const more = make("button", "more");
        const details = folds ? make("details", "", make("summary", "", `${name} `, count), table, more) : undefined;
        const section: Section = { holds, details, count, body, more, limit: pageLength, shown: [] };
        details?.addEventListener("toggle", () => fill(section));
        more.addEventListener("click", () => {
            section.limit += pageLength;
            fill(section);
        });
        fleet.append(details ?? table, ...(folds ? [] : [more]));
        return section;
    }

    /** Shows the rows of a section. The lines that it has already stay where they are. */
    function fill(section: Section): void {
        const held = order.flatMap((id) => {
            const row = rows.get(id);
            return row !== undefined && section.holds(row) ? [row] : [];
        });
        show(section.count, String(held.length));
        section.details?.classList.toggle("empty", held.length === 0);
        const isOpen = section.details?.open ?? true;
        const wanted = isOpen ? held.slice(0, section.limit).map(lineOf) : [];
        if (wanted.length !== section.shown.length || wanted.some((line, at) => line !== section.shown[at])) {
            section.body.replaceChildren(...wanted);
            section.shown = wanted;
        }
        section.more.hidden = !isOpen || held.length <= section.limit;
        show(section.more, `Show ${Math.min(pageLength, held.length - section.limit)} more of ${held.length}`);
    }

    function arrange(): void {
        const folds = order.length > foldedFrom;
        if (sections.length > 0 && folds === sections.length > 1) {
            return;
        }
        fleet.replaceChildren();
        sections = folds
            ? statusGroups().map(([group, name]) => makeSection(name, (row) => row.group === group, true))
            : [makeSection("Machine actions", () => true, false)];
    }

    function flash(changed: readonly PageRow[]): void {
        const flashing = changed.flatMap(({ id }) => lines.get(id)?.line ?? []);
        for (const line of flashing) {
            line.classList.toggle("changed", true);
        }
        setTimeout(() => {
            for (const line of flashing) {
                line.classList.toggle("changed", false);
            }
        }, flashMs);
    }

    return {
        update(changed, whole, time) {
            now = time;
            if (whole) {
                rows = new Map();
                order = [];
                lines = new Map();
            }
            // Oldest first, so that each new row is placed above those that are older.
            for (const row of changed.toReversed()) {
                if (!rows.has(row.id)) {
                    const first = rows.get(order[0] ?? "");
                    const isNewest = first === undefined || first.created <= row.created;
                    const place = isNewest ? 0 : order.findIndex((id) => (rows.get(id)?.created ?? "") <= row.created);
                    order.splice(place === -1 ? order.length : place, 0, row.id);
                }
                rows.set(row.id, row);
            }
            arrange();
            for (const section of sections) {
                fill(section);
            }
            if (!whole) {
                flash(changed);
            }
        },
    };
}
