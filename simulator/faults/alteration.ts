import type { Fleet } from "../actions/fleet.ts";
import type { Page } from "../odata/list-query.ts";
import type { Call, Tenant } from "../routes/route.ts";

/** The arguments of a route. */
export interface Work {
    tenant: Tenant;
    call: Call;
}

/** Changes the arguments of a route, so that the API's own answer is wrong. */
export type Alteration = (work: Work) => Work;

/** Hides the given machine action; undefined hides all machine actions and all machines. */
export function hiding(actionId: string | undefined): Alteration {
    const hidden = (id: string): boolean => actionId === undefined || actionId.toLowerCase() === id.toLowerCase();
    return ({ tenant, call }) => {
        const none = { ...tenant.machines, rows: () => [], find: () => undefined };
        const machines = actionId === undefined ? none : tenant.machines;
        return { tenant: { ...tenant, machines, fleet: without(hidden, tenant.fleet) }, call };
    };
}

function without(hidden: (id: string) => boolean, fleet: Fleet): Fleet {
    return {
        ...fleet,
        visibleRows: () => fleet.visibleRows().filter(({ id }) => !hidden(id)),
        findVisible: (id) => (hidden(id) ? undefined : fleet.findVisible(id)),
        cancel: (id, requestor, comment) =>
            hidden(id) ? { outcome: "not-found" } : fleet.cancel(id, requestor, comment),
    };
}

/** Changes the rows of each page of a list. */
export function rows(change: <Row>(rows: Row[]) => Row[]): Alteration {
    return page((one) => ({ ...one, rows: change(one.rows) }));
}

/** Makes the link to the next page lead to the current page. */
export const linkToItself: Alteration = ({ tenant, call }) =>
    page((one) => ({ ...one, nextQuery: call.query }))({ tenant, call });

function page(alterPage: <Row>(page: Page<Row>) => Page<Row>): Alteration {
    return ({ tenant, call }) => ({ tenant: { ...tenant, alterPage }, call });
}

/** Ignores the filter of a list, and of the pages that it links to. */
export const unfiltered: Alteration = ({ tenant, call }) => {
    const isFilter = (part: string): boolean => {
        const [name = ""] = new URLSearchParams(part).keys();
        return name.toLowerCase() === "$filter";
    };
    const parts = call.query.split("&").filter((part) => !isFilter(part));
    return { tenant, call: { ...call, query: parts.join("&") } };
};

/** Makes the links lead to another origin. */
export function linksTo(origin: string): Alteration {
    return ({ tenant, call }) => {
        return { tenant, call: { ...call, origin: new URL(origin).origin } };
    };
}
