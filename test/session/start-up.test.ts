import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { startSimulator } from "../../simulator/index.ts";

interface Loaded {
    readonly atStart: readonly string[];
    readonly afterCheck: readonly string[];
    readonly byRead: readonly string[];
    readonly failure?: string;
}

/** Which modules a process loads that reads one action with the built package. */
async function load(t: ExecutionContext, environment: Readonly<Record<string, string>>): Promise<Loaded> {
    const id = randomUUID();
    await using simulator = await startSimulator({ actions: [{ id, status: "Cancelled" }] });
    const folder = await mkdtemp(join(tmpdir(), "defender-loaded-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const program = fileURLToPath(new URL("../helpers/start-up-process.ts", import.meta.url));
    const { stdout } = await execa(process.execPath, [program, id], {
        extendEnv: false,
        env: { DEFENDER_API_URL: simulator.url, XDG_CACHE_HOME: folder, ...environment },
    });
    return JSON.parse(stdout);
}

const identity = /\/node_modules\/(?:@azure|@typespec)\//;
const lock = /\/dist\/provider\/system\/shared-file\/file-lock\.js$/;

/** What a check needs nothing of: it reads nothing, and sends nothing. */
const late =
    /\/dist\/(?:cli|simulator|provider\/(?:resources|plan|session\/session|observe|machines|quota|api\/(?:http|defender-client|pages))\b)/;

const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
};

/** The packages of these modules. */
const packagesOf = (urls: readonly string[]) => [
    ...new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [])),
];

test("the lifecycle loads no package and nothing that sends, and none more for a check", async (t) => {
    const { atStart, afterCheck } = await load(t, { DEFENDER_ACCESS_TOKEN: "ready-token" });
    t.true(atStart.some((url) => url.endsWith("/dist/provider/lifecycle.js")));
    t.deepEqual(
        [...atStart, ...afterCheck].filter((url) => late.test(url)),
        [],
    );
    t.deepEqual(packagesOf([...atStart, ...afterCheck]), []);
    t.deepEqual(
        afterCheck.filter((url) => url.includes("/dist/")),
        [],
    );
});

test("of the dependencies a first read loads these four, and no commander, yaml or simulator", async (t) => {
    const { byRead } = await load(t, { DEFENDER_ACCESS_TOKEN: "ready-token" });
    t.deepEqual(
        packagesOf(byRead)
            .filter((name) => name in dependencies)
            .sort(),
        ["got", "https-proxy-agent", "proxy-from-env", "zod"],
    );
    t.false(byRead.some((url) => /\/dist\/(?:simulator|cli)\//.test(url)));
});

test("the lifecycle and a read with a ready token load no sign-in, no simulator and no Pulumi SDK", async (t) => {
    const { atStart, afterCheck, byRead, failure } = await load(t, { DEFENDER_ACCESS_TOKEN: "ready-token" });
    t.is(failure, undefined);
    t.true(atStart.some((url) => url.endsWith("/dist/provider/lifecycles/cancellation-lifecycle.js")));
    const all = [...atStart, ...afterCheck, ...byRead];
    for (const strange of [
        identity,
        /\/provider\/sign-in\/sign-in\.js$/,
        /\/simulator\//,
        /\/node_modules\/@pulumi\//,
    ]) {
        t.deepEqual(
            all.filter((url) => strange.test(url)),
            [],
        );
    }
    t.log(`${atStart.length} modules with the lifecycle, ${byRead.length} more by the first read`);
});

test("what only requests need is loaded by the first request, not by a preview's checks", async (t) => {
    const { atStart, afterCheck, byRead } = await load(t, { DEFENDER_ACCESS_TOKEN: "ready-token" });
    for (const late of [/\/provider\/session\/session\.js$/, /\/node_modules\/(?:got|zod)\//]) {
        t.deepEqual(
            [...atStart, ...afterCheck].filter((url) => late.test(url)),
            [],
        );
        t.true(byRead.some((url) => late.test(url)));
    }
});

test("the lock of the quota's file is loaded by the first request, not before", async (t) => {
    const { atStart, afterCheck, byRead } = await load(t, { DEFENDER_ACCESS_TOKEN: "ready-token" });
    t.false([...atStart, ...afterCheck].some((url) => lock.test(url)));
    t.true(byRead.some((url) => lock.test(url)));
});

test("without a ready token the first request loads the sign-in", async (t) => {
    // Nobody is signed in at an Azure CLI that is not there.
    const { atStart, afterCheck, byRead, failure } = await load(t, { PATH: "" });
    t.regex(failure ?? "", /ERR_DEFENDER_NO_CREDENTIAL/);
    t.false([...atStart, ...afterCheck].some((url) => identity.test(url)));
    t.true(byRead.some((url) => identity.test(url)));
});
