import { Option } from "commander";
import type { Session } from "../../provider/session/session.ts";
import { duration, readableTime } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { firstOf } from "../../provider/text/first-of.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { exitCodes } from "../exit-codes.ts";
import { addParagraphs } from "../help-text.ts";
import { checkRange, parseMoment } from "../spans.ts";
import { clockSkewMs } from "../state/moments.ts";
import { declaredBy, entriesOfState } from "../state/records.ts";
import { readRecords, secretLines } from "../state/state-sources.ts";
import { commandName } from "../typed-command.ts";
import { type AuditFormat, auditFormats, printFound } from "./audit-output.ts";
import { printOnTerminal } from "./audit-terminal.ts";
import { cancelledActions, isInWindow } from "./cancelled-actions.ts";
import { type Cover, coversOfEntry } from "./cover.ts";
import { coversOfFiles } from "./declared-files.ts";
import { findUncovered, type Uncovered } from "./find-uncovered.ts";
import { knownIdentities, uncheckedIdentities } from "./identities.ts";
import { type FactsByAction, rank } from "./ranking.ts";

interface AuditOptions {
    /** Milliseconds since the epoch. */
    readonly since: number;
    /** Milliseconds since the epoch. Default: no end. */
    readonly until?: number;
    readonly declared?: readonly string[];
    readonly stack?: readonly string[];
    readonly state?: readonly string[];
    readonly canceller?: readonly string[];
    readonly format: AuditFormat;
    readonly json?: boolean;
    readonly all?: boolean;
}

/**
 * The maximum number of machine lists that an audit reads, so that it leaves quota for other processes. Together, these
 * lists contain up to 3,000 machines.
 */
const maxMachineLists = 20;

/** The maximum number of cancellers that a remark names. */
const maxNames = 10;

/** `audit`: finds cancellations without a declaration. */
export const addAudit: AddCommand = (program, { host, run }) => {
    const command = program
        .command("audit")
        .summary("find cancellations in the tenant without a declaration")
        .description(
            "Lists every cancellation of a machine action of the tenant that no declaration file and no stack's state " +
                "accounts for. The worst come first: actions that hold an attacker back, actions on machines of high risk, and " +
                "actions that your own identity cancelled without a declaration. Reads only.",
        )
        .option(
            "--since <time>",
            "include cancellations since this time, or of this age, such as 24h, 7d",
            (text) => parseMoment(text, host.clock.now(), -1),
            host.clock.now() - 24 * 3_600_000,
        )
        .option("--until <time>", "include cancellations until this time, or until this age", (text) =>
            parseMoment(text, host.clock.now(), -1),
        )
        .option("--declared <paths...>", "declaration files and evidence of `apply`, or folders of them")
        .option("--stack <names...>", "run `pulumi stack export` for these stacks, in the folder of their program")
        .option("--state <files...>", "stack exports, or evidence of `apply`; - for stdin")
        .option("--canceller <app ids...>", "identities that cancel for the declarations, in addition to your own")
        .addOption(new Option("--format <format>", "the format").choices(auditFormats).default("text"))
        .option("--json", "the same as --format json: one cancellation a line, with every reason")
        .option("--all", "on a terminal, a line for each cancellation, as in a pipe, in place of one for each cause")
        .action((options: AuditOptions) => run((frame) => audit(options, frame)));
    addParagraphs(command, moreHelp);
    const [since] = command.options.filter(({ long }) => long === "--since");
    since?.default(since.defaultValue, "24h");
};

const moreHelp = [
    "Exit code 2 when something is found. A record in a state, or in the evidence of an apply, accounts for the " +
        "cancellation that its own request led to, or that it found, and for no other of the same action. A " +
        "declaration file accounts for what one of your identities cancelled with the tag of this file, before its " +
        "notAfter. A record of the same declaration takes precedence over the file. If another identity than the " +
        "auditing one cancels, name it with --canceller.",
    "--format ocsf and --format asim write one event a line, for a security lake or for Sentinel (docs/events.md).",
    "A cancellation belongs to the window from its request to the last update of its action. Actions that have not " +
        "succeeded since someone requested their cancellation are listed too.",
    "Example:\n  defender-cancellation audit --since 24h --declared incidents --stack prod",
];

async function audit(options: AuditOptions, { host, printer }: Work) {
    checkRange(["--since", options.since], ["--until", options.until], host.clock.now(), "cancellation");
    const covers = await coversOf(options, host, (line) => printer.note(line));
    const session = openCliSession(host, printer, { maxMachineLists });
    const { actions, aheadMs } = await cancelledActions(session, (line) => printer.note(line));
    const earlierMs = aheadMs > clockSkewMs ? aheadMs : 0;
    if (earlierMs > 0) {
        const ahead = `this machine's clock is ${duration(earlierMs)} ahead of the API's`;
        printer.note(`${ahead}: the window begins that much earlier, so that it leaves nothing out`);
    }
    const { until = Number.POSITIVE_INFINITY } = options;
    const since = options.since - earlierMs;
    const cancelled = actions.filter((action) => isInWindow(action, { since, until }));
    const evidence = [...covers.values()].flat().flatMap(({ entry }) => entry?.evidence ?? []);
    const identity = await session.credentials.identity();
    const identities = knownIdentities(identity, await session.ownNames.known(), options.canceller, evidence);
    const uncovered = findUncovered(cancelled, covers, identities);
    // Ranked here too, so that the limited number of machine lists covers the worst cancellations.
    const facts = await machinesOf(rank(uncovered), session);
    const found = rank(uncovered, facts);
    const format = options.json ? "json" : options.format;
    const window = `since ${readableTime(since)}${options.until === undefined ? "" : `, until ${readableTime(until)}`}`;
    const sum = `${cancelled.length} cancelled ${window}: ${cancelled.length - found.length} accounted for, ${found.length} not`;
    const isOnTerminal = format === "text" && printer.width !== undefined;
    if (isOnTerminal) {
        printOnTerminal(found, sum, options.all === true, printer);
    } else {
        printFound(found, format, { ...(await session.identify()), now: host.clock.now() }, printer);
    }
    const reasons = [...facts.values()].flatMap(({ unknown }) => unknown ?? []);
    for (const [reason, { length }] of Map.groupBy(reasons, (one) => one)) {
        printer.note(`${counted(length, "of their machines is", "of their machines are")} not known: ${reason}`);
    }
    const foundIds = new Set(found.map(({ action }) => action.id));
    const adopted = cancelled.filter(({ id }) => !foundIds.has(id) && covers.get(id)?.every(isAdoptedFromOthers));
    if (adopted.length > 0) {
        printer.note(
            `${counted(adopted.length, "was", "were")} cancelled by others before their declaration was applied: ` +
                `\`${commandName} report --outcome adopted\` with the same --stack and --state lists them`,
        );
    }
    const unchecked = uncheckedIdentities(identities);
    if (unchecked.length > 0) {
        printer.note(
            `the records name cancellers that this audit cannot check: ${firstOf(unchecked, maxNames).join(", ")}. Name ` +
                "those that cancel for the declarations with --canceller",
        );
    }
    if (found.length > 0 && [options.declared, options.stack, options.state].every((one) => one === undefined)) {
        printer.note(
            "no declaration or record is given, so none accounts for anything: pass --declared, --stack or --state",
        );
    }
    if (!isOnTerminal) {
        printer.note(sum);
    }
    return found.length > 0 ? exitCodes.found : exitCodes.fine;
}

/**
 * Whether the record adopted a cancellation by another canceller. Anyone could have cancelled such an action. The
 * declaration that records it was reviewed only afterwards.
 */
function isAdoptedFromOthers({ entry }: Cover): boolean {
    return entry?.outcome === "adopted" && entry.adoptedFrom !== "ourselves";
}

/** All declarations, by the id of the action. */
async function coversOf(
    { declared = [], stack = [], state = [] }: AuditOptions,
    host: Work["host"],
    note: (line: string) => void,
): Promise<Map<string, Cover[]>> {
    const all = declared.flatMap((path) => coversOfFiles(path, host.cwd));
    // Without a source, the records would be read from stdin.
    const records = stack.length + state.length > 0 ? await readRecords({ stack, state }, host) : [];
    for (const { resources } of records) {
        for (const line of secretLines(resources, declaredBy)) {
            note(line);
        }
        all.push(...entriesOfState(resources).flatMap((entry) => coversOfEntry(entry, entry.declaredBy)));
    }
    const groups = Map.groupBy(all, ([id]) => id);
    return new Map([...groups].map(([id, some]) => [id, some.map(([, cover]) => cover)]));
}

async function machinesOf(found: readonly Uncovered[], { machines }: Session): Promise<FactsByAction> {
    return new Map(
        await Promise.all(
            found.map(async ({ action }) => [action.id, await machines.factsOf(action.machineId)] as const),
        ),
    );
}
