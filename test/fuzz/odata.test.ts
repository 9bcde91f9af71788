import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { filterOf, type MachineActionQuery } from "../../provider/api/action-query.ts";
import { listQuery, quote } from "../../provider/api/pages.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { rowOf } from "../../simulator/actions/action-seed.ts";
import { machineActionType } from "../../simulator/odata/entity-types.ts";
import { parseListQuery } from "../../simulator/odata/list-query.ts";
import { tokenize } from "../../simulator/odata/tokens.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileJson, hostileText } from "../helpers/hostile.ts";

const properties = ["status", "type", "machineId", "requestor"] as const;
const columns = fc.record({ status: hostileText, type: hostileText, machineId: hostileText, requestor: hostileText });

/** Rows as the API has them, their text whole. */
const rowWith = (changes: object) =>
    ({ ...rowOf({}, 0n), ...JSON.parse(JSON.stringify(changes).toWellFormed()) }) as ReturnType<typeof rowOf>;

test("a value stays in its quotes, and selects the rows that have it and no other", (t) =>
    fuzz(
        t,
        "OData values",
        fc.property(columns, fc.constantFrom(...properties), hostileText, (values, name, other) => {
            const wanted = Object.fromEntries(
                Object.entries(values)
                    .map(([key, value]) => [key, value.toWellFormed()])
                    .filter(([, value]) => value !== ""),
            ) as MachineActionQuery;
            const filter = filterOf(wanted);
            const { matches } = parseListQuery(listQuery(filter, { top: 5, isCounted: true }), machineActionType);
            assert.ok(matches(rowWith(wanted)), filter);
            // A type is compared in the answer: the API may spell it in several ways.
            const isOther =
                name !== "type" &&
                wanted[name] !== undefined &&
                String(wanted[name]).toLowerCase() !== other.toWellFormed().toLowerCase();
            assert.ok(!isOther || !matches(rowWith({ ...wanted, [name]: other.toWellFormed() })), filter);
        }),
    ));

test("a quoted text is one literal, whatever stands around it", (t) =>
    fuzz(
        t,
        "OData literals",
        fc.property(fc.array(hostileText, { minLength: 1, maxLength: 4 }), (texts) => {
            const tokens = tokenize(texts.map(quote).join(" , "));
            assert.deepEqual(
                tokens.filter(({ kind }) => kind === "string").map(({ text }) => text),
                texts,
            );
            assert.equal(tokens.length, 2 * texts.length - 1);
        }),
    ));

test("any query of a program is a filter that parses, or a typed error", (t) =>
    fuzz(
        t,
        "queries",
        fc.property(
            hostileJson([...properties, "createdAfter", "createdBefore", "top"], "2026-05-05T07:00:00Z", "Pending", 3),
            (query) => {
                try {
                    const filter = filterOf(Object(query) as MachineActionQuery);
                    parseListQuery(listQuery(filter), machineActionType);
                } catch (error) {
                    assert.ok(
                        error instanceof DefenderError && error.code === "ERR_DEFENDER_CONFIGURATION",
                        `${error}`,
                    );
                }
            },
        ),
    ));
