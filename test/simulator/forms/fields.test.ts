import test from "ava";
import { z } from "zod";
import { checkForm } from "../../../simulator/forms/check-form.ts";
import { refuseRepeatedIds, timeField } from "../../../simulator/forms/fields.ts";

test("a time is an ISO 8601 time", (t) => {
    t.is(checkForm(timeField, "2026-05-04T10:00:00.1234567Z"), "2026-05-04T10:00:00.1234567Z");
    for (const wrong of ["yesterday", "", "04.05.2026"]) {
        t.throws(() => checkForm(timeField, wrong), {
            message: `seen "${wrong}", expected an ISO 8601 time, such as 2026-05-04T10:00:00Z`,
        });
    }
});

test("an id may occur once, in any case; entries without an id are any number", (t) => {
    const list = z.array(z.strictObject({ id: z.string().exactOptional() })).superRefine(refuseRepeatedIds);
    t.is(checkForm(list, [{}, { id: "a" }, {}, { id: "b" }]).length, 4);
    t.throws(() => checkForm(list, [{}, { id: "a" }, { id: "A" }]), {
        message: '[2].id: seen "A", expected an id that entry [1] does not have',
    });
});
