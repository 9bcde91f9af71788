import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import test from "ava";

const provider = new URL("../provider/", import.meta.url);
const simulator = new URL("../simulator/", import.meta.url);

function simulatorFiles(): string[] {
    return readdirSync(simulator, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
}

/** The data path: a file imports only what stands below it here, and the leaves. */
const dataPath = [
    "index",
    "machine-action-cancellation-set",
    "machine-action-cancellation",
    "preflight/set-preflight",
    "preflight/preflight",
    "get-machine-actions",
    "query-results",
    "preflight/judgement",
    "preflight/reissue-foresight",
    "preflight/rounds",
    "preflight/batch",
    "preflight/bound",
    "preflight/foregone",
    "preflight/registered",
    "preflight/known",
    "preflight/clear-secrets",
    "preflight/log-line",
    "preflight/sending-order",
    "preflight/foresight",
    "preflight/machine-notes",
    "preflight/forecast",
    "explicit-provider",
    "defender-provider",
    "declaration-file/load-cancellations",
    "declaration-file/declaration-file",
    "declaration-file/declaration-schema",
    "declaration-file/yaml-places",
    // ~> the engine, the state and the plugin process lie between
    "lifecycle",
    "set/set-lifecycle",
    "set/set-reading",
    "set/set-work",
    "set/set-failures",
    "set/set-results",
    "set/run-evidence",
    "set/set-progress",
    "set/set-lines",
    "set/set-inputs",
    "cancellation-lifecycle",
    "session",
    "cancellation-reading",
    "outage",
    "refresh",
    "reissue-repair",
    "reissue-watch",
    "declared-target",
    "cancel/cancel",
    "cancel/run-cancellation",
    "cancel/send-request",
    "cancel/initial-read",
    "cancel/cancellation-state",
    "cancel/cancel-failures",
    "cancel/cancel-record",
    "cancel/cancellation-target",
    "cancel/poller",
    "cancel/pending-polls",
    "cancel/send-queue",
    "cancel/last-seen",
    "cancel/observer",
    "cancel/recent-list",
    "cancel/counted-list",
    "cancel/surroundings",
    "cancel/gathering",
    "guard/guard",
    "guard/machine-facts",
    "api/id-lists",
    "api/machines-client",
    "api/defender-client",
    "api/pages",
    "api/http",
    "api/exchange",
    "api/transport",
    "api/http-refusals",
];

/** They import nothing but each other, and never in a circle. */
const leaves = [
    "action-hash",
    "action-type",
    "api/agents",
    "api/answer-body",
    "api/clouds",
    "api/connect-attempts",
    "api/decompressed",
    "api/machine-action-parser",
    "api/proxy",
    "api/retry",
    "cancel/decide",
    "cancel/expectations",
    "cancel/freshness",
    "cancel/stale-readings",
    "cancel/urgency",
    "clock",
    "config",
    "declaration",
    "errors",
    "foreign-text",
    "guard/approvals",
    "guard/attempt-limit",
    "guard/day-count",
    "guard/decision",
    "guard/denials",
    "guard/guard-doubts",
    "guard/guard-file",
    "guard/guard-schema",
    "guard/places",
    "guard/run-count",
    "input-rules",
    "inputs",
    "machine-action",
    "outputs",
    "plugin/engine-identity",
    "plugin/engine-process",
    "plugin/partial-failure",
    "plugin/mapped-environment",
    "plugin/plain-value",
    "hook-name",
    "preflight/unknowns",
    "print",
    "process-table",
    "provider-reference",
    "quota/quota",
    "quota/quota-file",
    "quota/quota-log",
    "quota/quota-outlook",
    "quota/quota-path",
    "quota/quota-refusal",
    "quota/quota-turns",
    "quota/quota-waits",
    "reissues",
    "secrets",
    "shared-file/file-lock",
    "shared-file/lock-holder",
    "shared-file/private-file",
    "shared-file/private-folder",
    "shared-file/shared-file-error",
    "sign-in/credential-choice",
    "sign-in/credential-sources",
    "sign-in/credentials",
    "sign-in/sign-in",
    "sign-in/sign-in-failures",
    "stored-state",
    "unreadable",
    "waits",
    "yaml-faults",
];

interface Import {
    readonly from: string;
    readonly isTypeOnly: boolean;
}

const importsOf = (file: string) => importsIn(new URL(`${file}.ts`, provider));

function importsIn(file: URL): Import[] {
    const source = readFileSync(file, "utf8");
    return [...source.matchAll(/^(?:import|export) (type )?(?:[^;]*? from )?"([^"]+)";/gm)].map((match) => ({
        from: match[2] ?? "",
        isTypeOnly: match[1] !== undefined,
    }));
}

/** Imports of types are no arrows: nothing is loaded. */
const ours = (file: string) =>
    importsOf(file)
        .filter(({ from, isTypeOnly }) => from.startsWith(".") && !isTypeOnly)
        .map(({ from }) => posix.join(posix.dirname(file), from).replace(/\.ts$/, ""));

test("every file of the provider has its place in the data path or among the leaves", (t) => {
    const files = readdirSync(provider, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => file.replaceAll("\\", "/").replace(/\.ts$/, ""));
    t.deepEqual(files.sort(), [...dataPath, ...leaves].sort());
});

test("a file of the data path imports only what stands below it, and leaves", (t) => {
    for (const [index, file] of dataPath.entries()) {
        const allowed = [...dataPath.slice(index + 1), ...leaves];
        t.deepEqual(
            ours(file).filter((name) => !allowed.includes(name)),
            [],
            file,
        );
    }
});

test("a leaf imports leaves alone, and never in a circle", (t) => {
    const visit = (file: string, path: readonly string[]): void => {
        t.false(path.includes(file), [...path, file].join(" -> "));
        for (const name of path.includes(file) ? [] : ours(file)) {
            t.true(leaves.includes(name), `${file} imports ${name}`);
            visit(name, [...path, file]);
        }
    };
    for (const leaf of leaves) {
        visit(leaf, []);
    }
});

test("only the program's side imports the Pulumi SDK at run time", (t) => {
    const programSide = dataPath.slice(0, dataPath.indexOf("lifecycle"));
    for (const file of [...dataPath, ...leaves].filter((name) => !programSide.includes(name))) {
        const sdk = importsOf(file).filter(({ from, isTypeOnly }) => from.startsWith("@pulumi/") && !isTypeOnly);
        t.deepEqual(sdk, [], file);
    }
});

test("provider and simulator know nothing of each other", (t) => {
    for (const file of simulatorFiles()) {
        t.notRegex(readFileSync(new URL(file, simulator), "utf8"), /from "(?:\.\.\/)+provider\//, file);
    }
    for (const file of [...dataPath, ...leaves]) {
        t.deepEqual(
            importsOf(file).filter(({ from }) => from.includes("simulator")),
            [],
            file,
        );
    }
});

test("the simulator loads what TLS and the sign-in need only when they are wanted", (t) => {
    const reached = new Set<string>();
    const visit = (file: URL): void => {
        const imports = importsIn(file).filter(({ isTypeOnly }) => !isTypeOnly);
        for (const { from } of reached.has(file.href) ? [] : imports) {
            reached.add(file.href);
            if (from.startsWith(".")) {
                visit(new URL(from, file));
            } else {
                t.notRegex(from, /^(?:jose|reflect-metadata|@peculiar\/.*)$/, file.href);
            }
        }
    };
    visit(new URL("index.ts", simulator));
    t.true(reached.has(new URL("server.ts", simulator).href));
});

test("the policy pack stands on leaves, and loads nothing of the API, of the Pulumi SDK or of what packs are made with", (t) => {
    const folder = new URL("../policy/", import.meta.url);
    const files = readdirSync(folder).filter((path) => path.endsWith(".ts"));
    t.true(files.length > 0);
    for (const file of files) {
        const loaded = importsIn(new URL(file, folder)).filter(({ isTypeOnly }) => !isTypeOnly);
        for (const { from } of loaded) {
            const name = posix.join("policy", from).replace(/\.ts$/, "");
            const isLeaf = name.startsWith("provider/") && leaves.includes(name.slice("provider/".length));
            t.true(isLeaf || (from.startsWith("./") && files.includes(from.slice(2))), `${file} imports ${from}`);
        }
    }
    for (const file of [...dataPath, ...leaves]) {
        t.deepEqual(
            importsOf(file).filter(({ from }) => /(?:^|\/)policy\//.test(from)),
            [],
            file,
        );
    }
});

test("the command stands on provider and simulator, and neither knows it", (t) => {
    for (const folder of ["provider", "simulator"]) {
        const root = new URL(`../${folder}/`, import.meta.url);
        const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
        for (const file of files) {
            t.notRegex(readFileSync(new URL(file, root), "utf8"), /from "(?:\.\.\/)+cli\//, `${folder}/${file}`);
        }
    }
});
