import { PassThrough } from "node:stream";
import test from "ava";
import { readApplyInputs } from "../../../cli/apply/apply-inputs.ts";
import { sendRequests } from "../../../cli/apply/send-requests.ts";
import type { CliHost } from "../../../cli/host.ts";
import { createPrinter } from "../../../cli/printer.ts";
import { applyArguments, commandScene } from "../../helpers/command.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const declaration = `version: 1\ncomment: INC-4711\ncancellations: [{ machineActionId: ${id} }]\n`;

test("if no session can be opened, the exit says nothing about a run that never began", async (t) => {
    const { folder, clock, write } = await commandScene(t);
    await write("incident.yaml", declaration);
    const why = { reason: "x", declaredBy: "incident/prod/playbook-12" };
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const listeners = new Set<() => void>();
    const host: CliHost = {
        ...{ env: { DEFENDER_API_URL: "no URL" }, cwd: folder, stdin, stdout, stderr, clock },
        stop: new AbortController().signal,
        onExit(listener) {
            listeners.add(listener);
            return () => void listeners.delete(listener);
        },
    };
    const work = { host, printer: createPrinter(host) };
    const options = { reason: "x", as: why.declaredBy, evidence: "evidence.json" };
    await t.throwsAsync(sendRequests("incident.yaml", readApplyInputs(folder, "incident.yaml", why), options, work), {
        code: "ERR_DEFENDER_CONFIGURATION",
    });
    t.is(listeners.size, 0);
});

test("an evidence file that another process creates during the confirmation is not overwritten", async (t) => {
    const { folder, clock, write, read, posts, simulator } = await commandScene(t, { actions: [{ id }] });
    await write("incident.yaml", declaration);
    await write("evidence.json", "of another process");
    const why = { reason: "x", declaredBy: "incident/prod/playbook-12" };
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const env = { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "token" };
    const host: CliHost = {
        ...{ env, cwd: folder, stdin, stdout, stderr, clock },
        stop: new AbortController().signal,
    };
    const work = { host, printer: createPrinter(host) };
    const options = { reason: "x", as: why.declaredBy, evidence: "evidence.json" };
    await t.throwsAsync(sendRequests("incident.yaml", readApplyInputs(folder, "incident.yaml", why), options, work), {
        message: /evidence\.json: the file exists, and evidence is never overwritten\. Nothing was sent/,
    });
    t.is(await read("evidence.json"), "of another process");
    t.is(posts(), 0);
});

test("a terminal that says 0 columns gets the table of one that says none", async (t) => {
    const actions = [{ id, computerDnsName: `ws-${"0".repeat(40)}.contoso.example` }];
    const resultOn = async (columns: number | undefined) => {
        const { run, write } = await commandScene(t, { actions });
        await write("incident.yaml", declaration);
        const terminal = { isTerminal: true, ...(columns === undefined ? {} : { columns }) };
        return (await run([...applyArguments, "--evidence", "evidence.json", "--all"], terminal)).stdout;
    };
    t.is(await resultOn(0), await resultOn(undefined));
});
