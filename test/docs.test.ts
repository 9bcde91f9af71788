import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { layers } from "../.dependency-cruiser.mjs";
import { clouds, endpointsOf, regions } from "../provider/api/clouds.ts";
import { ruleNames } from "../provider/guard/guard-file.ts";
import { countResults } from "../provider/lifecycles/set/set-results.ts";
import { allOutputNames } from "../provider/model/outputs.ts";
import { planWords } from "../provider/plan/describe-plan.ts";
import { pluginSettings } from "../provider/plugin/provider-settings.ts";
import { defaultNotAfterHours, defaults, limits, maxFileBytes, maxListBytes } from "../provider/schema/limits.ts";
import { environmentOnly, settings } from "../provider/session/config.ts";
import { credentialSources } from "../provider/sign-in/credential-sources.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("docs/errors.md lists every code and no other", (t) => {
    const codes = (text: string) => [...new Set(text.match(/ERR_DEFENDER_[A-Z_]+/g))].sort();
    t.deepEqual(codes(read("docs/errors.md")), codes(read("provider/model/errors.ts")));
});

test("every rescue command runs the program, so that an old record that cannot be read stops nothing", (t) => {
    const folders = ["docs", "examples", "cli", "provider", "policy", "tools", "simulator", "bench"];
    const files = folders.flatMap((folder) =>
        readdirSync(new URL(`../${folder}`, import.meta.url), { recursive: true, encoding: "utf8" })
            .filter((path) => /\.(?:md|m?ts|mjs|sh|ya?ml|json)$/.test(path) && !path.includes("node_modules"))
            .map((path) => `${folder}/${path}`),
    );
    const lines = ["README.md", "SECURITY.md", "AGENTS.md", ...files].flatMap((path) =>
        read(path)
            .split("\n")
            .map((line) => `${path}: ${line}`),
    );
    const commands = lines.filter((line) => /\bup\b.*--refresh.*--continue-on-error/.test(line));
    t.true(commands.length > 10);
    t.deepEqual(
        commands.filter((line) => !line.includes("--refresh --run-program --continue-on-error")),
        [],
    );
});

test("docs/troubleshooting.md and docs/resource.md name codes that exist", (t) => {
    for (const path of ["docs/troubleshooting.md", "docs/resource.md"]) {
        const named = new Set(read(path).match(/ERR_DEFENDER_[A-Z_]+/g));
        t.deepEqual(
            [...named].filter((code) => !read("provider/model/errors.ts").includes(`"${code}"`)),
            [],
            path,
        );
        t.true(named.size > 0, path);
    }
});

test("docs/resource.md has a row for each kind of plan, and no line of another", (t) => {
    const [, section = ""] = read("docs/resource.md").split("\n## What preview says\n");
    const [table = ""] = section.split("\n## ");
    const lines = [...table.matchAll(/^\| `(.*?)` \|/gm)].map(([, line]) => line ?? "");
    const begins = (line: string, words: string) => [": ", " (", " as "].some((next) => line.startsWith(words + next));
    for (const [kind, words] of Object.entries(planWords)) {
        t.true(
            lines.some((line) => begins(line, words)),
            kind,
        );
    }
    t.deepEqual(
        lines.filter((line) => !Object.values(planWords).some((words) => begins(line, words))),
        [],
    );
});

test("docs/resource.md names every input and output of the class", (t) => {
    const page = read("docs/resource.md");
    const source = read("provider/resources/cancellation.ts");
    const args = /interface MachineActionCancellationArgs \{(.*?)^\}/ms.exec(source)?.[1] ?? "";
    const inputs = [...args.matchAll(/^ {4}(\w+)\??: /gm)].map(([, name]) => name ?? "");
    const declared = [...source.matchAll(/^ {4}declare readonly (\w+): /gm)].map(([, name]) => name ?? "");
    t.true(inputs.length > 0);
    t.deepEqual(
        declared.filter((name) => name !== "machineActionId" && name !== "comment").sort(),
        [...allOutputNames].sort(),
    );
    for (const name of [...inputs, ...declared]) {
        t.true(page.includes(`\`${name}\``), name);
    }
});

const inThousands = (count: number) => count.toLocaleString("en-US");
const inMegabytes = (bytes: number) => `${bytes / 1_000_000} MB`;

/** The first cells of the table rows of a page that begin with the name of an input. */
const cellsOf = (path: string, name: string) =>
    read(path)
        .split("\n")
        .filter((line) => line.startsWith(`| \`${name}\` |`))
        .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));

test("the tables of the pages have the defaults and the limits of the inputs", (t) => {
    for (const [path, name] of [
        ["docs/resource.md", "reissueWindowHours"],
        ["docs/resource.md", "confirmWithinSeconds"],
        ["docs/sets.md", "maxCancellations"],
    ] as const) {
        t.is(cellsOf(path, name)[0]?.[2], `number, default ${defaults[name]}, at most ${limits[name]}`, name);
    }
    for (const name of ["ifAlreadyFinal", "onReissue"] as const) {
        t.true(cellsOf("docs/resource.md", name)[0]?.[2]?.startsWith(`"${defaults[name]}" (default), `), name);
    }
    for (const [name, value] of Object.entries(defaults)) {
        t.is(cellsOf("docs/declaration-files.md", name)[0]?.[2], String(value), name);
    }
});

test("the pages have the largest set, list and file, and what `declare` takes by itself", (t) => {
    const entries = inThousands(limits.maxCancellations);
    t.is(
        cellsOf("docs/sets.md", "cancellations")[0]?.[2],
        `list, required, at most ${entries} entries and ${inMegabytes(maxListBytes)} as JSON`,
    );
    t.is(cellsOf("docs/declaration-files.md", "cancellations")[0]?.[3], `The entries; at most ${entries}.`);
    t.true(read("docs/declaration-files.md").includes(`A file of more than ${inMegabytes(maxFileBytes)},`));
    t.true(
        read("docs/scale.md").includes(
            `A set takes at most ${entries} entries, and \`maxCancellations\` (${defaults.maxCancellations} by default)`,
        ),
    );
    const commands = read("docs/command-line.md");
    t.true(commands.includes(`\`notAfter\` is ${defaultNotAfterHours} hours ahead`));
    t.true(commands.includes(`\`--max\` (${defaults.maxCancellations})`));
});

test("the doc comments of the classes have the defaults and the limits of the inputs", (t) => {
    for (const name of ["cancellation", "cancellation-set"]) {
        const source = read(`provider/resources/${name}.ts`);
        const comments = [...source.matchAll(/((?:\n {4}[/ ]\*.*)+)\n {4}(\w+)\?: pulumi\.Input</g)].map(
            ([, comment = "", input = ""]) => ({ input, comment: comment.replace(/\n {5}\* ?/g, " ") }),
        );
        for (const { input, comment } of comments.filter(({ input }) => input in limits)) {
            const told = `Default ${defaults[input as keyof typeof limits]}, at most ${limits[input as keyof typeof limits]}.`;
            t.true(comment.includes(told), `${name}.${input}: ${told}`);
        }
        for (const input of ["ifAlreadyFinal", "onReissue"] as const) {
            const byDefault = new RegExp(`\`"${defaults[input]}"\` (?:\\(default\\)|by default)`);
            t.true(
                comments.some((one) => one.input === input && byDefault.test(one.comment)),
                `${name}.${input}`,
            );
        }
        t.true(comments.some(({ input }) => input === "confirmWithinSeconds"));
    }
    const entries = inThousands(limits.maxCancellations);
    t.true(
        read("provider/resources/cancellation-set.ts").includes(`The machine actions to cancel, at most ${entries}.`),
    );
});

test("docs/architecture.md has every folder of the provider, from the top layer to the lowest", (t) => {
    const rows = [...read("docs/architecture.md").matchAll(/^\| `(?!provider)([\w-]+)\/` \|/gm)].map(
        ([, name]) => name,
    );
    const folders = layers.flat();
    t.deepEqual(rows.slice(0, folders.length).toSorted(), folders.toSorted());
});

test("docs/sets.md and docs/evidence.md name every input and output of a set, and every property of a query", (t) => {
    const page = read("docs/sets.md") + read("docs/evidence.md");
    const set = read("provider/resources/cancellation-set.ts");
    const membersOf = (source: string, name: string) => {
        const body = new RegExp(`interface ${name}[^{]*\\{(.*?)^\\}`, "ms").exec(source)?.[1] ?? "";
        return [...body.matchAll(/^ {4}(?:readonly )?(\w+)\??: /gm)].map(([, member]) => member ?? "");
    };
    const outputs = [...set.matchAll(/^ {4}declare readonly (\w+): /gm)].map(([, name]) => name ?? "");
    const groups = [
        membersOf(set, "SetCancellation").map((member) => `cancellations.${member}`),
        ...["MachineActionCancellationSetArgs", "SetResult"].map((name) => membersOf(set, name)),
        membersOf(read("provider/model/evidence.ts"), "RunEvidence"),
        membersOf(read("provider/api/action-query.ts"), "MachineActionQuery"),
        outputs,
        Object.keys(countResults([])),
    ];
    for (const names of groups) {
        t.true(names.length > 2, names.join());
        for (const name of names) {
            t.true(page.includes(`\`${name}\``), name);
        }
    }
});

const page = read("docs/configuration.md");

/** The row of a table whose first cell is this code. */
const rowOf = (code: string) => page.split("\n").find((line) => line.startsWith(`| \`${code}\``)) ?? "";

test("docs/configuration.md has every setting with its variable and its default", (t) => {
    for (const [key, { variable, byDefault = "none" }] of Object.entries(settings)) {
        const [, , environment, shown] = rowOf(`defender:${key}`).split("|");
        t.is(environment?.trim(), `\`${variable}\``);
        t.is(shown?.replaceAll("`", "").trim(), String(byDefault), key);
    }
    for (const [key, variable] of Object.entries(environmentOnly)) {
        t.is(rowOf(`defender:${key}`).split("|")[2]?.trim(), `\`${variable}\``);
    }
});

test("docs/configuration.md has every name of every source of credentials, each field in one row", (t) => {
    const byField = Object.groupBy(
        credentialSources.flatMap(({ names }) => Object.entries(names)),
        ([field]) => field,
    );
    const rows = page.split("\n").filter((line) => line.startsWith("| "));
    for (const [field, names = []] of Object.entries(byField)) {
        const row = rows.find((line) => names.every(([, name]) => line.includes(`\`${name}\``)));
        t.truthy(row, `${field}: ${names.map(([, name]) => name).join(", ")}`);
    }
});

test("docs/configuration.md has the hosts of every cloud and every region", (t) => {
    const rows =
        page
            .split("\n## ")
            .find((section) => section.startsWith("Clouds\n"))
            ?.split("\n") ?? [];
    for (const [cloud, { apiUrl, authorityHost }] of Object.entries(clouds)) {
        t.truthy(
            rows.find((row) => [cloud, apiUrl, authorityHost].every((cell) => row.includes(`\`${cell}\``))),
            cloud,
        );
    }
    const regional = rows.find((row) => row.includes("`https://REGION.api.security.microsoft.com`")) ?? "";
    t.is(regional.split("|")[2]?.trim(), regions.map((region) => `\`${region}\``).join(", "));
    t.is(endpointsOf("public", "eu")?.apiUrl, "https://eu.api.security.microsoft.com");
});

const variables = (text: string) =>
    text.match(/(?<!\w)(?:DEFENDER|AZURE|AZURESUBSCRIPTION|ARM|ACTIONS|SYSTEM)_[A-Z_]*[A-Z]\b/g) ?? [];

/** All that the code reads for a setting or a credential: variables and keys of the stack config. */
const named = new Set<string>([
    ...Object.entries(settings).flatMap(([key, { variable }]) => [`defender:${key}`, variable]),
    ...Object.keys(pluginSettings).map((key) => `defender:${key}`),
    ...Object.entries(environmentOnly).flatMap(([key, variable]) => [`defender:${key}`, variable]),
    ...credentialSources.flatMap(({ names, otherNames = {} }) => [
        ...Object.values(names),
        ...Object.values(otherNames),
    ]),
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SYSTEM_OIDCREQUESTURI",
    "SYSTEM_ACCESSTOKEN",
]);

test("docs/configuration.md and the code name the same variables and keys", (t) => {
    const keys = page.match(/\b(?:defender|azure-native):[a-z]\w*/g) ?? [];
    t.deepEqual([...new Set([...variables(page), ...keys])].sort(), [...named].sort());
    const sources = readdirSync(new URL("../provider/", import.meta.url), { recursive: true, encoding: "utf8" });
    for (const path of sources.filter((name) => name.endsWith(".ts"))) {
        t.deepEqual(
            variables(read(`provider/${path}`)).filter((name) => !named.has(name)),
            [],
            path,
        );
    }
});

test("no page names a variable that the code does not read", (t) => {
    const examples = readdirSync(new URL("../examples/", import.meta.url)).map((name) => `examples/${name}/README.md`);
    const names = [
        ...["README", "apply", "audit", "break-glass", "doctor", "faq", "glossary", "how-it-works", "verify"],
        ...["command-line", "declaration-files", "errors", "guard", "policies", "resource"],
        "sets",
        ...["azure-devops-sign-in", "evidence", "machine-actions", "provider-text", "quota", "requestors"],
        "unreadable-records",
        "plugin",
        "_index",
        "installation-configuration",
        "troubleshooting",
        "upgrading",
    ];
    const pages = names.map((name) => `docs/${name}.md`);
    for (const path of ["README.md", "SECURITY.md", ...pages, ...examples]) {
        t.deepEqual(
            variables(read(path)).filter((name) => !named.has(name)),
            [],
            path,
        );
    }
});

test("docs/guard.md and guard.example.yaml have every rule of the guard, and no other", (t) => {
    const rows = [...read("docs/guard.md").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    t.deepEqual(rows, ["version", ...ruleNames]);
    const keys = [...read("guard.example.yaml").matchAll(/^(\w+):/gm)].map(([, name]) => name);
    t.deepEqual(keys, ["version", ...ruleNames]);
});

test("AGENTS.md has at most 60 lines", (t) => {
    t.true(read("AGENTS.md").split("\n").length <= 61);
});
