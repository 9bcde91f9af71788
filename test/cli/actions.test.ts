import test from "ava";
import { scenarios } from "../../simulator/scenarios.ts";
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
        (await run(["actions", ...args])).stdout
            .match(/\S+\.contoso\.example(?= {2})/g)
            ?.filter((name) => !name.includes("@"));
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
    t.regex(whole.stdout, /^ID +STATUS +TYPE +AGE +MACHINE +REQUESTOR +COMMENT\n/);
    t.regex(whole.stdout, /Isolate +41 min +ws-0417\.contoso\.example +soar@contoso\.example +playbook 12/);
    t.is(whole.stderr, "4 machine actions\n");
    t.deepEqual(await run(["actions", "--type", "Offboard"]), { code: 0, stdout: "", stderr: "0 machine actions\n" });
});

test("a type is chosen however it is spelled, with a wildcard too", async (t) => {
    const types = ["LiveResponse", "Live Response", "live-response", "RunAntiVirusScan", "Contain Device", "Isolate"];
    const { run } = await commandScene(t, { actions: types.map((type) => ({ type })) });
    const countOf = async (type: string) => (await run(["actions", "--type", type])).stderr.split(" ")[0];
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
    t.is((await run(["actions"])).stderr, "4 machine actions\n");
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
