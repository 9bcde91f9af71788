import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { DefenderError } from "../../provider/model/errors.ts";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import { parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import { checkSetInputs } from "../../provider/schema/set-inputs.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { idOf } from "../helpers/declaration-text.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileJson, hostileText, mutated } from "../helpers/hostile.ts";

const declared = {
    version: 1,
    comment: "INC-4711: playbook 12 isolated the wrong machines",
    notAfter: "2026-05-05T11:00:00Z",
    onReissue: "drift",
    reissueWindowHours: 48,
    confirmWithinSeconds: 600,
    maxCancellations: 3,
    cancellations: [
        {
            machineActionId: idOf(1),
            expect: { type: "Isolate", requestor: "soar@contoso.example" },
            note: "of ws-0417",
        },
        { machineActionId: idOf(2), ifAlreadyFinal: "accept" },
        { machineActionId: idOf(3), expect: { machineId: "3c0ffee0123456789abcdef0123456789abcdef0" } },
    ],
};

const yaml = `# For the review\n${stringify(declared)}`;
const json = JSON.stringify(declared, undefined, 4);
const words = [
    ...[
        "maxCancellations: 5000\n",
        "maxCancellations: 1e999",
        "maxCancellations: 99999999999999999999",
        "version: 1\n",
    ],
    ...[
        "  expect: &a\n",
        "*a",
        "<<: *a\n",
        "? a\n",
        "- - ",
        "--- ",
        "...\n",
        "%YAML 1.1\n",
        "!!binary ",
        "!!python/object ",
        "| \n",
    ],
    ...[
        ">-\n",
        '{"__proto__": 1}',
        "__proto__:\n    expect: 1\n",
        "onReissue: cancel\n",
        idOf(1),
        idOf(4),
        idOf(2).toUpperCase(),
    ],
];

const texts = fc.oneof(
    mutated(yaml, ...words),
    mutated(json, ...words),
    mutated(yaml.replaceAll("\n", "\r\n"), ...words),
    hostileJson(
        [...Object.keys(declared), "machineActionId", "expect", "note", "ifAlreadyFinal"],
        declared,
        idOf(1),
    ).map((value) => stringify(value, { aliasDuplicateObjects: true })),
    hostileText,
);

/** The declaration, or nothing where the text is refused with a place in it. */
function declarationIn(text: string) {
    try {
        return parseDeclaration(text, "d.yaml").declaration;
    } catch (error) {
        assert.ok(error instanceof DefenderError && error.code === "ERR_DEFENDER_DECLARATION", `${error}`);
        assert.ok(!isDeceptive(error.message));
        const [, line, column] = /^d\.yaml:(\d+):(\d+): ./.exec(error.message) ?? [];
        assert.ok(Number(line) >= 1 && Number(line) <= text.split(/\r\n|\r|\n/).length + 1, error.message);
        assert.ok(Number(column) >= 1 && Number(column) <= text.length + 1, error.message);
        return undefined;
    }
}

test("a text is a declaration that says the same when it is written again, or is refused with a place", (t) =>
    fuzz(
        t,
        "declaration files",
        fc.property(texts, (text) => {
            const declaration = declarationIn(text);
            if (!declaration) {
                return;
            }
            assert.deepEqual(declarationIn(JSON.stringify(declaration)), declaration);
            assert.deepEqual(declarationIn(stringify(declaration)), declaration);
            for (const { machineActionId } of declaration.cancellations) {
                // But for escapes, which a reviewer sees.
                assert.ok(text.includes(machineActionId) || text.includes("\\"), "no id comes from elsewhere");
            }
            const { failures } = checkSetInputs(argumentsOf(declaration) as unknown as Record<string, unknown>);
            assert.deepEqual(failures, [], "what a file may say, a set takes");
        }),
    ));
