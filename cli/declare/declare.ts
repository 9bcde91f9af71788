import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isNotFound } from "../../provider/cancel/cancel-failures.ts";
import { shortDigest } from "../../provider/model/declaration.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { argumentsOf } from "../../provider/resources/load-cancellations.ts";
import { declarationText, parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Declaration, DeclarationEntry } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { defaultNotAfterHours, defaults } from "../../provider/schema/limits.ts";
import { checkSetInputs, entriesOf, setDigest } from "../../provider/schema/set-inputs.ts";
import type { Session } from "../../provider/session/session.ts";
import { readableTime, utc } from "../../provider/system/clock.ts";
import { foldText } from "../../provider/text/sanitize.ts";
import { type ActionFilters, addActionFilters, checkFilters, count, findActions, isNarrow } from "../action-filters.ts";
import { actionsTable } from "../actions.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { CliError, exitCodes, UsageError } from "../exit-codes.ts";
import { declarationName, unreadableFile } from "../missing-file.ts";
import { parseMoment } from "../spans.ts";
import { countsOf, requestorOf, whatThereIs } from "../what-there-is.ts";
import { acknowledgement, byMachine, entryOf, isTooLate, notesOn } from "./declaration-entries.ts";
import { changedText, newText } from "./declaration-text.ts";

interface DeclareOptions extends ActionFilters {
    readonly comment?: string;
    /** Milliseconds since the epoch. */
    readonly notAfter: number;
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
            "Writes the matching actions to a declaration file, or adds them to an existing one. Each entry records " +
                "the observed action in `expect`, so that a reviewer sees what the approval covers. Without --status, " +
                "only actions that are not final match. Actions of several requestors need --all-requestors, or each " +
                "requestor named by --requestor. Only reads from Defender, and only writes the file.",
        )
        .argument("<file>", "YAML, or JSON where the name ends with .json; - prints a new declaration");
    addActionFilters(command, host)
        .option("--comment <text>", "the reason for the cancellations; required for a new file")
        .option(
            "--not-after <time>",
            "the time after which nothing is sent, or a length of time from now",
            (text) => parseMoment(text, host.clock.now(), 1),
            host.clock.now() + defaultNotAfterHours * 3_600_000,
        )
        .option("--max <n>", "the maximum number of entries in the file", count, defaults.maxCancellations)
        .option("--all-requestors", "declare actions of several requestors together")
        .option("--acknowledge", "mark the entries whose actions ended as Succeeded or Failed: ifAlreadyFinal: accept")
        .option("--json", "one JSON document: what was added and acknowledged, and the declaration's digest")
        .action((file: string, options: DeclareOptions) => run((frame) => declare(file, options, frame)));
    const [notAfter] = command.options.filter(({ long }) => long === "--not-after");
    notAfter?.default(notAfter.defaultValue, `in ${defaultNotAfterHours} hours`);
};

/** The entries that the file will have, and which of them are new. */
interface Plan {
    readonly entries: readonly DeclarationEntry[];
    readonly added: readonly MachineAction[];
    readonly acknowledged: readonly DeclarationEntry[];
}

async function declare(file: string, options: DeclareOptions, { host, printer }: Work) {
    const path = file === "-" ? resolve(host.cwd, "x.yaml") : resolve(host.cwd, file);
    const before = file !== "-" && existsSync(path) ? declarationText(readFileSync(path), file) : undefined;
    const existing = before === undefined ? undefined : parseDeclaration(before, file);
    existing?.warnings.forEach(printer.note);
    if (!isNarrow(options) && options.acknowledge && !existing && file !== "-") {
        const missing = { cwd: host.cwd, path: file, what: "the declaration file ", like: declarationName };
        throw unreadableFile(missing, { code: "ENOENT" });
    }
    if (!isNarrow(options) && !(options.acknowledge && existing)) {
        throw new UsageError("pass at least one of --id, --type, --requestor, --machine, --created-after ...");
    }
    if (!existing && options.comment === undefined) {
        throw new UsageError("a new declaration needs --comment");
    }
    checkFilters(options, host.clock.now(), printer.note);
    const session = openCliSession(host, printer);
    const plan = await planOf(options, existing?.declaration.cancellations ?? [], session);
    const { entries, added, acknowledged } = plan;
    refuseOtherRequestors(options, existing?.declaration.cancellations ?? [], added);
    if (entries.length > options.max) {
        const what = `that would be ${entries.length} cancellations, more than --max ${options.max}`;
        throw new CliError(`${what}: narrow the filters, or raise --max`);
    }
    if (added.length === 0 && acknowledged.length === 0) {
        printer.note(existing ? `nothing new: ${file} is unchanged` : "no machine action matches: nothing was written");
        if (!existing && isNarrow(options) && options.id === undefined) {
            printer.note(await whatThereIs(session, options, host.clock.now()));
        }
        return existing ? exitCodes.fine : exitCodes.failed;
    }
    const declaration = declarationOf(options, existing?.declaration, entries);
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
    log(file, { ...declaration, digest: setDigest(entriesOf(inputs)) }, plan, options, { host, printer });
    return exitCodes.fine;
}

/**
 * Throws if the actions have several requestors and the options do not allow that. A filter by type or time alone would
 * also select an isolation that an analyst issued on purpose.
 */
function refuseOtherRequestors(
    { allRequestors, requestor = [] }: DeclareOptions,
    old: readonly DeclarationEntry[],
    added: readonly MachineAction[],
): void {
    const named = new Set(requestor.map(foldText));
    const before = new Set(old.flatMap(({ expect }) => (expect?.requestor ? [foldText(expect.requestor)] : [])));
    const found = new Set(added.map((action) => foldText(requestorOf(action))));
    const unnamed = [...found].filter((one) => !before.has(one) && !named.has(one));
    if (!allRequestors && unnamed.length > 0 && new Set([...before, ...found]).size > 1) {
        const earlier = before.size > 0 ? `; the file has actions of ${before.size} requestors so far` : "";
        throw new CliError(
            `the matching actions are by several requestors: ${countsOf(added, requestorOf)}${earlier}. Nothing was ` +
                "written. Name those that are wrong by --requestor, or pass --all-requestors",
        );
    }
}

async function planOf(options: DeclareOptions, old: readonly DeclarationEntry[], session: Session): Promise<Plan> {
    const known = new Set(old.map(({ machineActionId }) => machineActionId.toLowerCase()));
    const status = options.status ?? (options.id ? undefined : ["open"]);
    const matching = isNarrow(options) ? await findActions(session, { ...options, ...(status ? { status } : {}) }) : [];
    const added = matching.filter(({ id }) => !known.has(id));
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
    return { entries, added, acknowledged };
}

function declarationOf(
    { comment, notAfter }: DeclareOptions,
    existing: Declaration | undefined,
    entries: readonly DeclarationEntry[],
): Declaration {
    const common = {
        comment: comment ?? existing?.comment ?? "",
        notAfter: utc(notAfter).replace(/\.\d+Z$/, "Z"),
        maxCancellations: entries.length,
    };
    return { ...(existing ?? { version: 1 }), ...common, cancellations: entries.toSorted(byMachine) };
}

function log(
    file: string,
    { notAfter, maxCancellations: total, digest }: Declaration & { readonly digest: string },
    plan: Plan,
    { json }: DeclareOptions,
    { host, printer }: Work,
): void {
    const { added, acknowledged } = plan;
    if (json && file !== "-") {
        printer.document({
            file,
            total,
            added: added.map(({ id }) => id),
            acknowledged: acknowledged.map(({ machineActionId }) => machineActionId),
            requestors: Object.fromEntries(
                [...Map.groupBy(added, requestorOf)].map(([requestor, some]) => [requestor, some.length]),
            ),
            notAfter,
            digest,
        });
    } else if (file !== "-" && added.length > 0) {
        printer.out(actionsTable(added, host.clock.now()));
    }
    const late = acknowledged.length > 0 ? `, ${acknowledged.length} acknowledged as too late` : "";
    printer.note(
        `${file}: ${total} cancellations, ${added.length} of them new${late}; not after ${readableTime(notAfter)} ` +
            `[digest ${shortDigest(digest)}]`,
    );
    if (added.length > 0) {
        printer.note(`requested by ${countsOf(added, requestorOf)}`);
    }
}

/**
 * Writes the complete text to a new file and renames it, so that a reader never sees a partial file. On Windows, no
 * file can be replaced while a program such as an editor has it open.
 */
function writeWhole(path: string, text: string): void {
    let isWritten = false;
    try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(`${path}.new`, text);
        isWritten = true;
        renameSync(`${path}.new`, path);
    } catch (error) {
        if (isWritten) {
            rmSync(`${path}.new`, { force: true });
        }
        const { code } = error as NodeJS.ErrnoException;
        throw new CliError(
            `${path} cannot be written: ${code}. Nothing was changed. Close the programs that have it open, and check ` +
                "the folder's permissions",
            { cause: error },
        );
    }
}
