import { readFileSync } from "node:fs";
import test from "ava";
import { parse, parseAllDocuments } from "yaml";
import { parseRules } from "../provider/guard/guard-file.ts";

const page = readFileSync(new URL("../docs/platforms.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text]) => ({
    language,
    text: text ?? "",
}));

interface Manifest {
    readonly kind: string;
    readonly program?: {
        readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: object }>>;
    };
    readonly data?: Readonly<Record<string, string>>;
    readonly spec?: Readonly<Record<string, unknown>>;
}

const manifests = blocks
    .filter(({ text }) => text.includes("kind: Stack"))
    .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));

test("the operator's program declares what the plugin's schema has", (t) => {
    const schema = JSON.parse(readFileSync(new URL("../plugin/schema.json", import.meta.url), "utf8"));
    const resources = Object.values(manifests.find(({ kind }) => kind === "Program")?.program?.resources ?? {});
    t.is(resources.length, 1);
    for (const { type, properties } of resources) {
        const { inputProperties, requiredInputs } = schema.resources[type.replace(":", ":index:")];
        t.deepEqual(
            Object.keys(properties).filter((name) => !(name in inputProperties)),
            [],
        );
        t.deepEqual(
            (requiredInputs as string[]).filter((name) => !(name in properties)),
            [],
        );
    }
});

test("nothing on the page cancels again by itself, or deletes a record", (t) => {
    const { spec } = manifests.find(({ kind }) => kind === "Stack") ?? {};
    t.like(spec, { continueResyncOnCommitMatch: false, destroyOnFinalize: false });
    t.deepEqual(page.match(/autoRemediate: \w+/g), ["autoRemediate: false"]);
});

test("the guard of the operator's stack is a sound file that its workspace has", (t) => {
    const { data } = manifests.find(({ kind }) => kind === "ConfigMap") ?? {};
    t.like(parseRules(parse(data?.["guard.yaml"] ?? "")), { rules: { maxPerRun: 10 } });
    const text = JSON.stringify(manifests);
    t.true(text.includes('"literal":{"value":"/etc/defender/guard.yaml"}'));
    t.true(text.includes('"mountPath":"/etc/defender"'));
});
