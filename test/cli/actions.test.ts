import test from "ava";
import { scenarios } from "../../simulator/game-day/scenarios.ts";
import { commandScene } from "../helpers/command.ts";

const at = (minutesAgo: number) => new Date(Date.parse("2026-05-05T07:00:00Z") - minutesAgo * 60_000).toISOString();

const actions = [
    { computerDnsName: "ws-0417.contoso.example", creationDateTimeUtc: at(41), requestor: "soar@contoso.example" },
    { computerDnsName: "ws-0418.contoso.example", creationDateTimeUtc: at(40), status: "Succeeded" },
    { computerDnsName: "srv-01.contoso.example", creationDateTimeUtc: at(5), type: "RunAntiVirusScan" },
    { computerDnsName: "srv-02.contoso.example", creationDateTimeUtc: at(4_000), requestor: "o'neil@contoso.example" },
];

test("filters choose actions, newest first; the table goes to stdout, the count to stderr", async (t) => {
    const { run } = await commandScene(t, { actions });
    const machinesOf = async (...args: string[]) =>
        (await run(["actions", ...args])).stdout.match(/^\S+\.contoso\.example(?= {2})/gm);
    const short = async (...args: string[]) => (await machinesOf(...args))?.map((name) => name.split(".")[0]);
    t.deepEqual(await short(), ["srv-01", "ws-0418", "ws-0417", "srv-02"]);
    t.deepEqual(await short("--status", "open"), ["srv-01", "ws-0417", "srv-02"]);
    t.deepEqual(await short("--status", "succeeded"), ["ws-0418"]);
    t.deepEqual(await short("--type", "isolate"), ["ws-0418", "ws-0417", "srv-02"]);
    t.deepEqual(await short("--machine", "ws-04*"), ["ws-0418", "ws-0417"]);
    t.deepEqual(await short("--machine", "SRV-01,ws-0417.contoso.example"), ["srv-01", "ws-0417"]);
    t.deepEqual(await short("--requestor", "o'neil@contoso.example"), ["srv-02"]);
    t.deepEqual(await short("--created-after", "24h"), ["srv-01", "ws-0418", "ws-0417"]);
    t.deepEqual(await short("--created-before", "30m", "--top", "1"), ["ws-0418"]);
    const whole = await run(["actions"]);
    t.regex(whole.stdout, /^MACHINE +STATUS +TYPE +AGE +REQUESTOR +ID +COMMENT\n/);
    t.regex(
        whole.stdout,
        /^ws-0417\.contoso\.example +Pending +Isolate +41 min +soar@contoso\.example +[0-9a-f-]{36} +playbook 12$/m,
    );
    t.is(
        whole.stderr,
        "4 machine actions: Pending 3, Succeeded 1; by soar@contoso.example 3, o'neil@contoso.example 1\n",
    );
    t.is(
        (await run(["actions", "--top", "1", "--status", "open"])).stderr,
        "1 of 3 machine actions: Pending 1; by soar@contoso.example 1\n",
    );
    t.deepEqual(await run(["actions", "--type", "Offboard"]), {
        code: 0,
        stdout: "",
        stderr:
            "0 machine actions\nlooked for: --type Offboard\n" +
            "in the last 24 hours, without the filters: 3 machine actions: Isolate 2, RunAntiVirusScan 1; " +
            "by soar@contoso.example 3; Pending 2, Succeeded 1\n" +
            "--type Offboard excludes all of them: correct it, or leave it out\n",
    });
});

test("a requestor is found in any case, and by a wildcard", async (t) => {
    const { run } = await commandScene(t, { actions: [...actions, { requestor: "O'Neil@Contoso.example" }] });
    const countOf = async (requestor: string) =>
        (await run(["actions", "--requestor", requestor])).stderr.split(":")[0];
    t.is(await countOf("o'NEIL@contoso.example"), "2 machine actions");
    t.is(await countOf("O'NEIL*"), "2 machine actions");
    t.is(await countOf("SOAR@contoso.EXAMPLE,o'neil@contoso.example"), "5 machine actions");
});

test("where nothing matches, it says what was looked for, what there is, and which filter excludes it, by one more list", async (t) => {
    const { run, simulator } = await commandScene(t, { actions });
    const linesOf = async (...args: string[]) => (await run(["actions", ...args])).stderr.trimEnd().split("\n");
    const inADay =
        "in the last 24 hours, without the filters: 3 machine actions: Isolate 2, RunAntiVirusScan 1; " +
        "by soar@contoso.example 3; Pending 2, Succeeded 1";
    t.deepEqual(await linesOf("--created-after", "7d", "--requestor", "wrong@contoso.example"), [
        "0 machine actions",
        "looked for: --requestor wrong@contoso.example --created-after 2026-04-28T07:00:00Z",
        "since 2026-04-28 07:00:00Z, without the filters: 4 machine actions: Isolate 3, RunAntiVirusScan 1; " +
            "by soar@contoso.example 3, o'neil@contoso.example 1; Pending 3, Succeeded 1",
        "--requestor wrong@contoso.example excludes all of them: correct it, or leave it out",
    ]);
    t.is(simulator.requests.filter(({ path }) => path.startsWith("/api/machineactions")).length, 2);
    t.deepEqual(await linesOf("--created-before", "2d", "--type", "Offboard"), [
        "0 machine actions",
        "looked for: --type Offboard --created-before 2026-05-03T07:00:00Z",
        "in the 24 hours before 2026-05-03 07:00:00Z, without the filters: 1 machine action: Isolate 1; " +
            "by o'neil@contoso.example 1; Pending 1",
        "--type Offboard excludes all of them: correct it, or leave it out",
    ]);
    t.deepEqual((await linesOf("--created-after", "2026-05-05T06:59:00Z")).slice(2), [
        inADay,
        "--created-after 2026-05-05T06:59:00Z excludes all of them: correct it, or leave it out; " +
            "the newest was issued 2026-05-05 06:55:00Z",
    ]);
    t.deepEqual((await linesOf("--machine", "dc-*", "--requestor-comment", "no such")).slice(3), [
        "--machine dc-* excludes all of them: correct it, or leave it out; there is srv-01.contoso.example 1, " +
            "ws-0418.contoso.example 1, ws-0417.contoso.example 1",
        '--requestor-comment "no such" excludes all of them: correct it, or leave it out; there is playbook 12 3',
    ]);
    t.deepEqual((await linesOf("--type", "RunAntiVirusScan", "--machine", "ws-0418")).slice(3), [
        "no filter alone excludes all of them: leave one out: 1 without --type RunAntiVirusScan, 1 without --machine ws-0418",
    ]);
    t.deepEqual(
        (await linesOf("--type", "RunAntiVirusScan", "--machine", "ws-0417", "--status", "Succeeded")).slice(3),
        ["no action matches all of these filters, nor all but one of them: leave out some"],
    );
    const [first] = simulator.actions();
    t.deepEqual(await linesOf("--id", first?.id ?? "", "--status", "Cancelled"), [
        "0 machine actions",
        "looked for: --status Cancelled",
        "with these ids, without the filters: 1 machine action: RunAntiVirusScan 1; by soar@contoso.example 1; Pending 1",
        "--status Cancelled excludes all of them: correct it, or leave it out",
    ]);
});

test("of several ids, those that the API does not know are named, and so is the next step", async (t) => {
    const { run, simulator, read } = await commandScene(t, { actions });
    const [known = "", other = ""] = simulator.actions().map(({ id }) => id);
    const [wrong, wrongToo] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    const why =
        "the API does not know them: another tenant? Otherwise the ids are wrong, or their records have expired";
    const doctor = "`defender-cancellation doctor` checks the credential";
    const args = ["declare", "incident.yaml", "--comment", "INC-4711", "--id", `${known},${wrong},${other}`];
    for (const command of [args, ["actions", ...args.slice(4)]]) {
        const { code, stdout, stderr } = await run(command);
        t.deepEqual([code, stdout], [1, ""]);
        t.is(
            stderr,
            `defender-cancellation: ERR_DEFENDER_NOT_FOUND: 1 of 3 ids (${wrong}): ${why}. ${doctor}. To go on with the other 2, leave these out of --id\n`,
        );
    }
    await t.throwsAsync(read("incident.yaml"), { code: "ENOENT" });
    t.is(
        (await run(["actions", "--id", `${wrong},${wrongToo}`])).stderr,
        `defender-cancellation: ERR_DEFENDER_NOT_FOUND: 2 of 2 ids (${wrong}, ${wrongToo}): ${why}. ${doctor}\n`,
    );
});

test("where there is nothing at all, it says to check the tenant", async (t) => {
    const { run } = await commandScene(t);
    t.is(
        (await run(["actions", "--created-after", "1h"])).stderr,
        "0 machine actions\nlooked for: --created-after 2026-05-05T06:00:00Z\n" +
            "in the last 24 hours: no machine action at all. Check the tenant, and the times of the filters\n",
    );
});

test("on a terminal, an action takes one line of its width, and in a pipe nothing is cut", async (t) => {
    const long = "collects the triage package of all machines that the playbook has named since yesterday evening";
    const { run } = await commandScene(t, { actions: [...actions, { ...actions[0], requestorComment: long }] });
    const shown = async (columns: number) => (await run(["actions"], { isTerminal: true, columns })).stdout.split("\n");
    for (const columns of [60, 80, 100, 120, 200]) {
        const lines = await shown(columns);
        t.is(lines.length, 7, `${columns}`);
        t.true(
            lines.every((line) => line.length <= columns && !line.includes("\u001b")),
            lines.join("\n"),
        );
        t.regex(lines[0] ?? "", /^MACHINE +STATUS +TYPE +AGE/);
    }
    t.regex((await shown(100))[0] ?? "", /AGE +REQUESTOR +COMMENT$/);
    t.regex((await shown(200))[0] ?? "", /AGE +REQUESTOR +ID +COMMENT$/);
    t.true((await run(["actions"])).stdout.includes(long));
});

test("a status that does not exist is refused, and a type that is not known is warned of", async (t) => {
    const { run, simulator } = await commandScene(t, { actions });
    for (const status of ["Pendng", "closed", "", "Pending,done", "x*"]) {
        const { code, stderr } = await run(["actions", "--status", status]);
        t.is(code, 64, status);
        t.regex(stderr, status === "" ? /values separated by commas/ : /Expected Pending, InProgress, .* or open/);
    }
    t.is(simulator.requests.length, 0);
    t.is((await run(["actions", "--status", "canceled,PENDING,inProg*"])).code, 0);
    const { code, stderr } = await run(["actions", "--type", "Isolat"]);
    t.is(code, 0);
    t.regex(stderr, /^"Isolat" is not a type that this package knows\. Known types: RunAntiVirusScan, /);
    t.notRegex((await run(["actions", "--type", "isol*,live-response"])).stderr, /not a type/);
});

test("a range of time in which nothing can lie is refused", async (t) => {
    const { run, simulator } = await commandScene(t, { actions });
    const refused = async (...args: string[]) => {
        const { code, stderr } = await run(["actions", ...args]);
        t.is(code, 64);
        return stderr;
    };
    t.regex(
        await refused("--created-after", "1h", "--created-before", "2h"),
        /--created-after 2026-05-05T06:00:00Z is later than --created-before 2026-05-05T05:00:00Z: no action can match/,
    );
    t.regex(
        await refused("--created-after", "2026-05-05T08:00:00Z"),
        /08:00:00Z is in the future: no action can match/,
    );
    for (const time of ["", " ", "yesterday", "0h"]) {
        t.regex(await refused("--created-after", time), /Expected a time such as/);
    }
    t.is(simulator.requests.length, 0);
});

test("a type is chosen however it is spelled, with a wildcard too", async (t) => {
    const types = ["LiveResponse", "Live Response", "live-response", "RunAntiVirusScan", "Contain Device", "Isolate"];
    const { run } = await commandScene(t, { actions: types.map((type) => ({ type })) });
    const countOf = async (type: string) =>
        /^(\d+) machine action/m.exec((await run(["actions", "--type", type])).stderr)?.[1];
    for (const type of ["LiveResponse", "live response", "Live-Response", "live*", "*-Response", "LIVE *response"]) {
        t.is(await countOf(type), "3", type);
    }
    t.is(await countOf("containdevice"), "1");
    t.is(await countOf("live response,isolate"), "4");
    t.is(await countOf("contain-device,isolate"), "2");
    t.is(await countOf("Isol*ate"), "1");
    t.is(await countOf("*isolate*,*scan"), "2");
});

test("an action that is on two pages is one", async (t) => {
    const { run } = await commandScene(t, {
        actions,
        faults: ({ operation }) => (operation === "list" ? "repeats a row" : undefined),
    });
    t.regex((await run(["actions"])).stderr, /^4 machine actions: /);
});

test("--json gives one action a line with all that the API told", async (t) => {
    const { run, simulator } = await commandScene(t, { actions });
    const { code, stdout } = await run(["actions", "--json", "--machine", "ws-0417"]);
    t.is(code, 0);
    const [line = "", ...rest] = stdout.split("\n");
    t.deepEqual(rest, [""]);
    const seen = simulator.actions().find(({ computerDnsName }) => computerDnsName === "ws-0417.contoso.example");
    t.like(JSON.parse(line), { id: seen?.id, status: "Pending", requestorComment: "playbook 12", scope: "Full" });
});

test("names and comments that attack a terminal or a pipeline's log arrive as harmless text", async (t) => {
    const { run } = await commandScene(t, { actions: scenarios.hostile?.actions(Date.parse(at(0))) ?? [] });
    for (const args of [["actions"], ["actions", "--json"]]) {
        const { stdout } = await run(args, { isTerminal: true });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        t.notRegex(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
        t.notRegex(stdout, /^\s*::|##\w*\[/m);
        t.regex(stdout, /ws-red/);
    }
});
