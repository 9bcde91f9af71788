import { Option } from "commander";
import type { AddCommand, Work } from "../command-frame.ts";
import { exitCodes } from "../exit-codes.ts";
import { addParagraphs } from "../help-text.ts";
import type { Printer, Style } from "../printer.ts";
import { addStateSource, readStateText, type StateSource } from "../state/stack-state.ts";
import { accessChecks } from "./access-checks.ts";
import type { Check, Verdict } from "./check.ts";
import { driftChecks } from "./drift-check.ts";
import { guardChecks } from "./guard-check.ts";
import { programChecks } from "./program-checks.ts";
import { projectChecksOfState } from "./project-checks.ts";
import { type Allowance, allowances } from "./state/finding.ts";
import { stateCheck } from "./state-check.ts";
import { type Purpose, purposes } from "./token-roles.ts";

interface DoctorOptions extends StateSource {
    readonly as: Purpose;
    readonly liveResponse?: boolean;
    readonly offline?: boolean;
    readonly allow?: readonly Allowance[];
    readonly json?: boolean;
}

/** `doctor`: checks that a run has everything it needs, and no more rights than it needs. */
export const addDoctor: AddCommand = (program, { run }) => {
    const command = program
        .command("doctor")
        .summary("check this machine, the identity and its roles, the guard, and the content of a state")
        .description(
            "Checks the requirements of a run: Node.js, the Pulumi CLI, whether the program finds this package and the " +
                "project pins the plugin, the guard, the settings, the host, the sign-in, the roles of the token, the " +
                "API, the clock and the quota. A token with more rights than it needs fails. Sends one read to Defender.",
        )
        .addOption(new Option("--as <identity>", "the purpose of the token").choices(purposes).default("canceller"))
        .option("--live-response", "Machine.LiveResponse is needed, so do not fail on it")
        .option("--offline", "send no request to Entra or Defender");
    addParagraphs(addStateSource(command), moreHelp)
        .addOption(new Option("--allow <what...>", "additional content that a state may hold").choices(allowances))
        .option("--json", "JSON lines, one check a line")
        .action((options: DoctorOptions) => run((frame) => doctor(options, frame)));
};

const moreHelp = [
    "With --stack or --state, doctor compares a stack export with a short list of allowed content: the stack, the " +
        "resources of this package (dynamic ones with exactly its provider texts, those of the plugin with none), and " +
        "their providers with config only. Anything else fails, because the Pulumi CLI acts on a state before any " +
        "program runs, and has the token. A resource of the plugin without the flag refreshBeforeUpdate fails too, " +
        "because its drift would not be found. --allow azure-native adds that package, --allow components adds " +
        "resources that only group others. Exit code 2 when a check fails.",
    "Run this check before a credential is available:\n  defender-cancellation doctor --offline --stack prod",
];

async function doctor(options: DoctorOptions, frame: Work) {
    const { host, printer } = frame;
    const question = { purpose: options.as, needsLiveResponse: options.liveResponse ?? false };
    const hasState = options.state !== undefined || options.stack !== undefined;
    const checks: Check[] = [];
    for (const look of [
        () => programChecks(host),
        () => guardChecks(host),
        async () => (hasState ? checkState(options, frame) : []),
        async () => (options.offline ? [] : accessChecks(question, frame)),
    ]) {
        for (const check of await look()) {
            checks.push(check);
            log(check, options.json ?? false, printer);
        }
    }
    const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
    printer.note(`${count("ok")} ok, ${count("warn")} warn, ${count("fail")} fail, ${count("skip")} skip`);
    return count("fail") > 0 ? exitCodes.found : exitCodes.fine;
}

async function checkState(options: DoctorOptions, { host }: Work): Promise<Check[]> {
    const { text, name } = await readStateText(options, host);
    // First, because it refuses a text that is not JSON.
    const content = stateCheck(text, name, options.allow);
    return [content, ...driftChecks(text, name), ...projectChecksOfState(text, host)];
}

const styles: Readonly<Record<Verdict, Style>> = { ok: "green", warn: "yellow", fail: "red", skip: "dim" };

function log(check: Check, isJson: boolean, printer: Printer): void {
    if (isJson) {
        printer.json(check);
    } else {
        printer.say(`${check.verdict.padEnd(4)}  ${check.name.padEnd(8)}  ${check.detail}`, styles[check.verdict]);
    }
}
