import type { Fleet } from "../fleet.ts";
import type { Page } from "../odata.ts";
import type { Call, Tenant } from "../routes.ts";

/** What a route works on. */
export interface Work {
    tenant: Tenant;
    call: Call;
}

/** Makes the API itself err: it works on something else than what is there. */
export type Alteration = (work: Work) => Work;

/** That machine action is not there; undefined: none is, nor a machine. */
export function hiding(actionId: string | undefined): Alteration {
    const hidden = (id: string): boolean => actionId === undefined || actionId.toLowerCase() === id.toLowerCase();
    return ({ tenant, call }) => {
        const machines = actionId === undefined ? { ...tenant.machines, rows: () => [] } : tenant.machines;
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

/** The list holds other rows of its page. */
export function rows(change: <Row>(rows: Row[]) => Row[]): Alteration {
    return page((one) => ({ ...one, rows: change(one.rows) }));
}

/** The link to the next page leads to this one. */
export const linkToItself: Alteration = ({ tenant, call }) =>
    page((one) => ({ ...one, nextQuery: call.query }))({ tenant, call });

function page(alterPage: <Row>(page: Page<Row>) => Page<Row>): Alteration {
    return ({ tenant, call }) => ({ tenant: { ...tenant, alterPage }, call });
}

/** The list is not filtered, nor are the pages that it links to. */
export const unfiltered: Alteration = ({ tenant, call }) => {
    const parts = call.query.split("&").filter((part) => !new URLSearchParams(part).has("$filter"));
    return { tenant, call: { ...call, query: parts.join("&") } };
};

/** The links lead to another origin. */
export function linksTo(origin: string): Alteration {
    return ({ tenant, call }) => {
        const { pathname } = new URL(call.address);
        return { tenant, call: { ...call, address: `${new URL(origin).origin}${pathname}` } };
    };
}
