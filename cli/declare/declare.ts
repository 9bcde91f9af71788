import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isNotFound } from "../../provider/cancel/cancel-failures.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import { declarationText, givenDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Declaration, DeclarationEntry } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { defaultNotAfterHours, defaults } from "../../provider/schema/limits.ts";
import { checkSetInputs, entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import type { Session } from "../../provider/session/session.ts";
import { utc } from "../../provider/system/clock.ts";
import { addActionFilters, checkFilters, count, findActions, isNarrow, narrowOptions } from "../action-filters.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { CliError, exitCodes, UsageError } from "../exit-codes.ts";
import type { ActionFilters } from "../filter-parts.ts";
import { declarationBytes, declarationFile, parseGivenDeclaration } from "../given-declaration.ts";
import { addParagraphs } from "../help-text.ts";
import type { CliHost } from "../host.ts";
import { unreadableFile } from "../missing-file.ts";
import { checkAhead, parseMoment } from "../spans.ts";
import { whyNoneMatches } from "../why-none-matches.ts";
import { acknowledgement, byMachine, entryOf, isTooLate, notesOn } from "./declaration-entries.ts";
import { changedText, newText } from "./declaration-text.ts";
import { printResult } from "./declare-result.ts";
import { describeLeftOut, leftOut, leftOutLines, type Search } from "./left-out.ts";
import { refuseOtherRequestors } from "./several-requestors.ts";
import { writeWhole } from "./write-whole.ts";

interface DeclareOptions extends ActionFilters {
    readonly comment?: string;
    /** Milliseconds since the epoch. */
    readonly notAfter?: number;
    readonly max: number;
    readonly acknowledge?: boolean;
    readonly allRequestors?: boolean;
    readonly json?: boolean;
}

/** `declare`: writes the selected actions of the tenant to a file that can be reviewed. */
export const addDeclare: AddCommand = (program, { host, run }) => {
    const command = program
        .command("declare")
        .summary("write or extend a declaration file")
        .description(
            "Writes the matching actions to a declaration file, or adds them to an existing one. There, --comment and " +
                "--not-after also change the file without a new action. Each entry records " +
                "the observed action in `expect`, so that a reviewer sees what the approval covers. Without --status, " +
                "only actions that are not final match. Actions of several requestors need --all-requestors, or each " +
                "requestor named by --requestor. Only reads from Defender, and only writes the file.",
        )
        .argument(
            "<file>",
            "YAML, or JSON where the name ends with .json; - prints a new declaration",
            declarationFile,
        );
    addActionFilters(command, host)
        .option("--comment <text>", "the reason for the cancellations; required for a new file")
        .option(
            "--not-after <time>",
            `the time after which nothing is sent, or a length of time from now (default: in ${defaultNotAfterHours} hours)`,
            (text) => parseMoment(text, host.clock.now(), 1),
        )
        .option("--max <n>", "the maximum number of entries in the file", count, defaults.maxCancellations)
        .option("--all-requestors", "declare actions of several requestors together")
        .option("--acknowledge", "mark the entries whose actions ended as Succeeded or Failed: ifAlreadyFinal: accept")
        .option("--json", "one JSON document: what was added and acknowledged, and the declaration's digest")
        .action((file: string, options: DeclareOptions) => run((frame) => declare(file, options, frame)));
    addParagraphs(command, [
        'Example:\n  defender-cancellation declare inc-4711.yaml --type Isolate --comment "playbook 12"',
    ]);
};

/** The entries that the file will have, and which of them are new. */
interface Plan {
    readonly entries: readonly DeclarationEntry[];
    readonly added: readonly MachineAction[];
    readonly acknowledged: readonly DeclarationEntry[];
    /** Undefined where the command only acknowledges. */
    readonly search: Search | undefined;
}

async function declare(file: string, options: DeclareOptions, { host, printer }: Work) {
    const path = file === "-" ? resolve(host.cwd, "x.yaml") : resolve(host.cwd, file);
    const before =
        file !== "-" && existsSync(path) ? declarationText(declarationBytes(host.cwd, file), file) : undefined;
    const existing = before === undefined ? undefined : parseGivenDeclaration(before, file);
    existing?.warnings.forEach(printer.note);
    if (!isNarrow(options) && options.acknowledge && !existing && file !== "-") {
        throw unreadableFile(givenDeclaration(host.cwd, file), { code: "ENOENT" });
    }
    const given = fileValues(options);
    const isForFile = options.acknowledge || Object.keys(given).length > 0;
    if (!isNarrow(options) && !(isForFile && existing)) {
        throw new UsageError(`pass at least one of ${narrowOptions}`);
    }
    if (!existing && options.comment === undefined) {
        throw new UsageError("a new declaration needs --comment");
    }
    checkFilters(options, host.clock.now(), printer.note);
    checkAhead("--not-after", options.notAfter, host.clock.now(), "nothing would be sent");
    const session = openCliSession(host, printer);
    const old = existing?.declaration.cancellations ?? [];
    const known = new Set(old.map(({ machineActionId }) => machineActionId.toLowerCase()));
    const { entries, added, acknowledged, search } = await planOf(options, old, known, session);
    const isJson = options.json === true;
    const ofSearch = leftOut(search, known, search?.found.listed ?? []);
    // A program needs no list more.
    const describe = async () =>
        isJson
            ? leftOutLines(ofSearch, { span: "that the search read" })
            : describeLeftOut(search, known, session, host);
    refuseOtherRequestors(options, old, added);
    if (entries.length > options.max) {
        const what = `that would be ${entries.length} cancellations, more than --max ${options.max}`;
        throw new CliError(`${what}: narrow the filters, or raise --max`);
    }
    const isNew = added.length > 0 || acknowledged.length > 0;
    if (!isNew && !(existing && isChangedBy(given, existing.declaration))) {
        printer.note(existing ? `nothing new: ${file} is unchanged` : "no machine action matches: nothing was written");
        const lines = existing
            ? await describe()
            : await whyNoneMatches(session, search?.filters ?? {}, search?.found.listed ?? [], host.clock.now());
        lines.forEach(printer.note);
        return existing ? exitCodes.fine : exitCodes.failed;
    }
    const declaration = declarationOf(given, existing?.declaration, entries, isNew ? defaultNotAfter(host) : undefined);
    const { inputs, failures } = checkSetInputs({ ...argumentsOf(declaration) });
    if (failures.length > 0) {
        throw new CliError(`${file}: ${failures.map(({ reason }) => reason).join("; ")}`);
    }
    const notes = notesOn(added);
    const text = existing
        ? changedText(before ?? "", existing, { declaration, notes }, file)
        : newText({ declaration, notes }, path);
    if (file === "-") {
        printer.out(text.trimEnd());
    } else {
        writeWhole(path, text);
    }
    const result = { file, declaration, digest: setDigest(entriesOf(inputs)), added, acknowledged, leftOut: ofSearch };
    printResult(result, isJson, { host, printer });
    // After the result, which must not wait for a list that only explains.
    (await describe()).forEach(printer.note);
    return exitCodes.fine;
}

/** `known`: the ids of the old entries. */
async function planOf(
    options: DeclareOptions,
    old: readonly DeclarationEntry[],
    known: ReadonlySet<string>,
    session: Session,
): Promise<Plan> {
    const status = options.status ?? (options.id ? undefined : ["open"]);
    const filters = { ...options, ...(status ? { status } : {}) };
    const search = isNarrow(options) ? { found: await findActions(session, filters), filters } : undefined;
    const added = search?.found.actions.filter(({ id }) => !known.has(id)) ?? [];
    const seen = new Map(added.map((action) => [action.id, action]));
    if (options.acknowledge) {
        const looks = await Promise.allSettled([...known].map((id) => session.observer.read(id)));
        for (const look of looks) {
            if (look.status === "fulfilled") {
                seen.set(look.value.action.id, look.value.action);
            } else if (!isNotFound(look.reason)) {
                throw look.reason;
            }
        }
    }
    const entries = [...old, ...added.map(entryOf)].map((entry) => {
        const action = seen.get(entry.machineActionId.toLowerCase());
        const isDue = options.acknowledge && action && isTooLate(action) && entry.ifAlreadyFinal !== "accept";
        return isDue ? { ...entry, ...acknowledgement(action, entry) } : entry;
    });
    const acknowledged = entries.filter((entry, index) => entry.ifAlreadyFinal !== old[index]?.ifAlreadyFinal);
    return { entries, added, acknowledged, search };
}

/** The values of the file itself that the command line gives. */
function fileValues({ comment, notAfter }: DeclareOptions): Partial<Pick<Declaration, "comment" | "notAfter">> {
    return {
        ...(comment === undefined ? {} : { comment }),
        ...(notAfter === undefined ? {} : { notAfter: toSeconds(notAfter) }),
    };
}

function isChangedBy({ comment, notAfter }: ReturnType<typeof fileValues>, before: Declaration): boolean {
    return (
        (comment !== undefined && comment !== before.comment) ||
        (notAfter !== undefined && notAfter !== before.notAfter)
    );
}

function defaultNotAfter({ clock }: CliHost): string {
    return toSeconds(clock.now() + defaultNotAfterHours * 3_600_000);
}

function toSeconds(time: number): string {
    return utc(time).replace(/\.\d+Z$/, "Z");
}

/** `notAfter`: the time if none is given; undefined if the entries stay, and with them the time of the file. */
function declarationOf(
    given: ReturnType<typeof fileValues>,
    existing: Declaration | undefined,
    entries: readonly DeclarationEntry[],
    notAfter: string | undefined,
): Declaration {
    const common = {
        comment: given.comment ?? existing?.comment ?? "",
        notAfter: given.notAfter ?? notAfter ?? existing?.notAfter,
        maxCancellations: entries.length,
    };
    return { ...(existing ?? { version: 1 }), ...common, cancellations: entries.toSorted(byMachine) };
}
