import test, { type ExecutionContext } from "ava";
import recorded from "../fixtures/rc.1/verdicts.json" with { type: "json" };
import { commandScene } from "../helpers/command.ts";
import { rc1Rows, rc1Text, rc1Token, startRecordedApi } from "../helpers/rc1-fixtures.ts";

/** What `report --json` says, as far as these tests ask. */
interface ReportText {
    readonly counts: Readonly<Record<string, unknown>>;
    readonly verification?: readonly { readonly verdict: string }[];
}

interface RecordedFile {
    readonly file: keyof typeof recorded;
    /** Of the API's rows. */
    readonly rows: string;
    /** Why `--verify` of 1.0.0-rc.1 is no verdict to keep; undefined where it is one. */
    readonly notVerified?: string;
}

const records: readonly RecordedFile[] = [
    { file: "single.json", rows: "single" },
    { file: "set.json", rows: "set" },
    {
        file: "drift.json",
        rows: "drift",
        notVerified: "it took the drift that a refresh stores, and the proof before it, for tampering",
    },
    {
        file: "partial-failure.json",
        rows: "partial-failure",
        notVerified: "it took the inputs of the last run that succeeded, which the engine keeps, for tampering",
    },
    {
        file: "reissue.json",
        rows: "reissue",
        notVerified: "it took the re-issue that a refresh stores for tampering",
    },
    { file: "apply.evidence.json", rows: "apply" },
    { file: "apply-short.evidence.json", rows: "apply-short" },
];

async function playedAgain(t: ExecutionContext, file: string, rows: string) {
    const api = await startRecordedApi(rc1Rows(rows));
    t.teardown(() => api[Symbol.asyncDispose]());
    const scene = await commandScene(t, { env: { DEFENDER_API_URL: api.url, DEFENDER_ACCESS_TOKEN: rc1Token } });
    await scene.write(file, rc1Text(file, api.url));
    return { api, scene };
}

for (const { file, rows, notVerified } of records) {
    const verdict = recorded[file];

    test(`report and audit read ${file} of 1.0.0-rc.1, and say what that release said, and --verify finds it sound`, async (t) => {
        const { api, scene } = await playedAgain(t, file, rows);
        const report = await scene.run(["report", "--state", file, "--json"]);
        t.is(report.code, verdict.exitCode, report.stderr);
        t.deepEqual((JSON.parse(report.stdout) as ReportText).counts, verdict.counts);

        const verified = await scene.run(["report", "--state", file, "--json", "--verify"]);
        const { verification = [] } = JSON.parse(verified.stdout) as ReportText;
        t.true(verification.length > 0, verified.stderr);
        // The records are honest, so that nothing differs.
        const differing = verification.filter((one) => one.verdict !== "match" && one.verdict !== "unverifiable");
        t.deepEqual([verified.code, differing], [0, []], verified.stderr);
        t.is(verdict.verify.differing.length === 0, notVerified === undefined);

        const audit = await scene.run(["audit", "--since", "2026-05-01T00:00:00Z", "--state", file]);
        t.true(audit.code === 0 || audit.code === 2, audit.stderr);
        t.deepEqual(api.sent(), []);
    });
}

test("audit accounts for everything that 1.0.0-rc.1 proved", async (t) => {
    for (const { file, rows } of records) {
        const { scene } = await playedAgain(t, file, rows);
        const audit = await scene.run(["audit", "--since", "2026-05-01T00:00:00Z", "--state", file]);
        t.is(audit.code, 0, `${file}: ${audit.stdout}`);
    }
    const { scene } = await playedAgain(t, "apply.evidence.json", "apply");
    await scene.write("incident.yaml", rc1Text("incident.yaml"));
    for (const source of [
        ["--declared", "apply.evidence.json"],
        ["--declared", "incident.yaml"],
    ]) {
        const audit = await scene.run(["audit", "--since", "2026-05-01T00:00:00Z", ...source]);
        t.is(audit.code, 0, audit.stdout);
    }
});
