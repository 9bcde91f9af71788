import { readFileSync } from "node:fs";
import test from "ava";
import {
    actionEvidenceNames,
    commonEvidenceNames,
    type EvidenceName,
    type EvidencePlace,
    evidenceFields,
    evidenceNames,
} from "../../provider/model/evidence.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The doc comment of each field, as an editor shows it. */
const meanings = new Map(
    [
        ...read("provider/model/evidence.ts").matchAll(
            /\/\*\* ([^\n]*) \*\/\n {4}readonly (\w+)\??: (?:string|number)/g,
        ),
    ].map(([, meaning = "", name = ""]) => [name, meaning]),
);

function rowOf(name: EvidenceName): string {
    const { comparedWith, mustBe } = evidenceFields[name];
    const checks = [comparedWith && `compared with ${comparedWith}`, mustBe && `must be ${mustBe}`];
    return `| \`${name}\` | ${meanings.get(name)} | ${checks.filter(Boolean).join("; else ")} |`;
}

/** The rows of the table in a section of docs/evidence.md. */
function tableIn(heading: string): string[] {
    const section =
        read("docs/evidence.md")
            .split("\n## ")
            .find((one) => one.startsWith(`${heading}\n`)) ?? "";
    const [, table = ""] =
        /^\| evidence \| meaning \| `report --verify` \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)/m.exec(section) ?? [];
    return table.trim().split("\n");
}

test("docs/evidence.md has the meaning and the check of each field of the evidence", (t) => {
    t.deepEqual(tableIn("A single cancellation"), evidenceNames("cancellation").map(rowOf));
});

test("docs/evidence.md has those of a run that a single cancellation does not have", (t) => {
    const single = evidenceNames("cancellation");
    t.deepEqual(
        tableIn("A run of a set"),
        evidenceNames("run")
            .filter((name) => !single.includes(name))
            .map(rowOf),
    );
});

test("each field has a meaning, and a place where it is stored", (t) => {
    for (const name of Object.keys(evidenceFields) as EvidenceName[]) {
        t.truthy(meanings.get(name), name);
        t.true(evidenceFields[name].places.length > 0, name);
    }
    const places: EvidencePlace[] = ["run", "result"];
    const stored = new Set(places.flatMap((place) => evidenceNames(place)));
    // A set has no room for the rest.
    t.deepEqual(
        evidenceNames("cancellation").filter((name) => !stored.has(name)),
        ["postDate", "proofCorrelationId", "proofDate"],
    );
    t.deepEqual(
        commonEvidenceNames.filter((name) => !actionEvidenceNames.includes(name)),
        [],
    );
});
