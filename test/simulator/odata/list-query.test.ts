import test from "ava";
import fc from "fast-check";
import { rowOf } from "../../../simulator/actions/action-seed.ts";
import type { MachineActionRow } from "../../../simulator/actions/machine-action.ts";
import { machineActionType } from "../../../simulator/odata/entity-types.ts";
import { type Page, pageOf, parseListQuery } from "../../../simulator/odata/list-query.ts";
import { idOf } from "../client.ts";

const row = rowOf({}, 0n);

test("the pages of a list, followed to the end, are the whole list once", (t) => {
    const sizes = fc.record({
        rows: fc.nat(40),
        pageSize: fc.integer({ min: 1, max: 12 }),
        top: fc.option(fc.nat(50), { nil: undefined }),
        skip: fc.nat(50),
    });
    fc.assert(
        fc.property(sizes, ({ rows: length, pageSize, top, skip }) => {
            const all = Array.from({ length }, (_, n) => ({ ...row, id: idOf(n) }));
            const read: MachineActionRow[] = [];
            let query: string | undefined = `$filter=${encodeURIComponent("status eq 'pending'")}&$skip=${skip}`;
            query += top === undefined ? "" : `&$top=${top}`;
            while (query !== undefined) {
                const page: Page<MachineActionRow> = pageOf(all, parseListQuery(query, machineActionType), pageSize);
                t.true(page.rows.length <= pageSize);
                read.push(...page.rows);
                query = page.nextQuery;
            }
            t.deepEqual(read, all.slice(skip, top === undefined ? undefined : skip + top));
        }),
    );
});

test("the next page's query keeps the filter, the order and the count", (t) => {
    const query = `$filter=${encodeURIComponent("status eq 'Pending'")}&$orderby=id%20desc&$count=true&$top=5`;
    const { nextQuery } = pageOf([row, { ...row, id: idOf(1) }, row], parseListQuery(query, machineActionType), 2);
    t.is(nextQuery, "$filter=status%20eq%20'Pending'&$orderby=id%20desc&$count=true&$top=3&$skip=2");
});

const badQueries = [
    "$top=-1",
    "$top=ten",
    "$top=",
    "$skip=1.5",
    "$count=yes",
    "$top=10001",
    "$select=nosuch",
    "$select=id;status",
    "$select=",
    "$expand=x",
    "$expand=commands",
    "$apply=x",
    "$TOP=1&$top=1",
    "$orderby=nosuch",
    "$orderby=id up",
    "$orderby=id,",
    "$orderby=id,status up",
    "$orderby=commands",
    "$orderby=relatedFileInfo",
    "$top=1&$top=2",
];
for (const query of badQueries) {
    test(`the query ${query} is refused`, (t) => {
        t.like(
            t.throws(() => parseListQuery(query, machineActionType)),
            { status: 400, code: "" },
        );
    });
}

test("an empty $filter is refused in words of its own", (t) => {
    for (const query of ["$filter=", "$filter", "$filter=%20"]) {
        t.throws(() => parseListQuery(query, machineActionType), {
            message: /The value for OData query '\$filter' cannot be empty\.$/,
        });
    }
});
