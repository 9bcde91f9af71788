import { readFileSync } from "node:fs";
import test from "ava";
import {
    declarationJsonSchema,
    declarationSchema,
} from "../../../provider/schema/declaration-file/declaration-schema.ts";

test("the JSON Schema that is shipped is that of the source (npm run schema writes it)", (t) => {
    const shipped = readFileSync(new URL("../../../declaration.schema.json", import.meta.url), "utf8");
    t.is(shipped, `${JSON.stringify(declarationJsonSchema(), undefined, 4)}\n`);
});

test("an editor is told every property, and that there are no others", (t) => {
    const { properties, additionalProperties } = declarationJsonSchema() as Record<string, unknown>;
    t.false(additionalProperties);
    t.deepEqual(Object.keys(properties as object), [
        "$schema",
        "version",
        "comment",
        "notAfter",
        "ifAlreadyFinal",
        "onReissue",
        "reissueWindowHours",
        "confirmWithinSeconds",
        "maxCancellations",
        "cancellations",
    ]);
});

test("an id may be written in any case, as the schema for editors says too", (t) => {
    const id = "5F2C7A10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
    const value = { version: 1, comment: "INC-4711", cancellations: [{ machineActionId: id }] };
    t.true(declarationSchema.safeParse(value).success);
    const pattern = /"pattern":"([^"]+)"/.exec(JSON.stringify(declarationJsonSchema()))?.[1] ?? "";
    t.regex(id, new RegExp(pattern));
});
