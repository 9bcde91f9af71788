import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import type { Command } from "commander";
import { z } from "zod";
import { isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { decodeText } from "../../provider/text/reviewed-text.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import { CliError, UsageError } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { unreadableFile } from "../missing-file.ts";
import { isApplyJournal, readApplyJournal } from "./apply-record.ts";
import { requestsListed, type TakenRequests, takenRequests } from "./apply-requests.ts";
import { openSecrets } from "./secret-values.ts";
import { withoutRows } from "./set-rows.ts";
import { describeStacks, isUnknownStack } from "./stack-names.ts";

/** A resource in a stack export. */
export interface StateResource {
    readonly type: string;
    /** Empty in the evidence of an apply by hand. */
    readonly urn: string;
    readonly id?: string | undefined;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly initErrors: readonly string[];
    /** The engine deletes this record with the next update, because another one has replaced it. */
    readonly delete?: boolean | undefined;
    /** The engine only reads it, because the program got it by its id. */
    readonly external?: boolean | undefined;
    /** The URN of the set that this resource is a row of; absent for a resource that is none. */
    readonly viewOf?: string | undefined;
    /** The document of the `apply` that has this resource, without the resource; undefined in a stack export. */
    readonly applied?: Properties | undefined;
    /** The cancel requests of that `apply`, also of one that did not end. */
    readonly requests?: TakenRequests;
    /** Why the record is not complete; only for an `apply` that did not end. */
    readonly unfinished?: string;
    /** Whether lines of that record are missing, so that requests may be missing too. */
    readonly lacksLines?: boolean;
}

/** The source of the state. */
export interface StateSource {
    readonly stack?: string;
    readonly state?: string;
}

/** Adds the options that name a state. */
export function addStateSource(command: Command): Command {
    return command
        .option("--stack <name>", "run `pulumi stack export` for this stack, in the folder of its program")
        .option("--state <file>", "a stack export, or the evidence of `apply`; - for stdin");
}

/** The text of the state, and its name for messages. */
export async function readStateText(
    { stack, state }: StateSource,
    host: CliHost,
): Promise<{ text: string; name: string }> {
    if (stack !== undefined && state !== undefined) {
        throw new UsageError("--stack and --state cannot be used together");
    }
    if (stack !== undefined) {
        return { text: await exportStack(stack, host), name: `stack ${stack}` };
    }
    if (state !== undefined && state !== "-") {
        return { text: stateText(readStateFile(host.cwd, state), state), name: state };
    }
    if (host.stdin.isTTY) {
        throw new UsageError(
            "no state: pass --stack NAME or --state FILE, or pipe `pulumi stack export` into this command",
        );
    }
    return { text: stateText(await buffer(host.stdin), "stdin"), name: "stdin" };
}

/** The text of a state or of evidence, in UTF-8 or UTF-16; `name` names it in errors. */
export function stateText(bytes: Uint8Array, name: string): string {
    try {
        return decodeText(bytes, maxExport);
    } catch (error) {
        throw new CliError(`${name} cannot be read: ${(error as Error).message}`);
    }
}

function readStateFile(cwd: string, path: string): Buffer {
    try {
        return readFileSync(resolve(cwd, path));
    } catch (error) {
        throw unreadableFile({ cwd, path, what: "the state ", like: /\.jsonl?$/i }, error);
    }
}

/** The maximum size of an export. A state of thousands of actions has a few megabytes. */
const maxExport = 1_000_000_000;

async function exportStack(stack: string, host: CliHost): Promise<string> {
    const { cwd, env } = host;
    try {
        const args = ["stack", "export", "--stack", stack, "--non-interactive"];
        const { stdout } = await promisify(execFile)("pulumi", args, { cwd, env, maxBuffer: maxExport });
        return stdout;
    } catch (error) {
        const { code, stderr } = error as { code?: unknown; stderr?: string };
        const why = code === "ENOENT" ? "there is no pulumi on the PATH" : (stderr ?? String(error));
        const failed = `\`pulumi stack export --stack ${shortText(stack)}\` failed: ${shortText(why.trim(), 500)}`;
        const isUnknown = code !== "ENOENT" && isUnknownStack(why);
        throw new CliError(isUnknown ? `${failed}. ${await describeStacks(host)}` : failed);
    }
}

/** The error for a text that is neither of the two kinds of records. */
export function notJson(name: string): CliError {
    return new CliError(`${name} is not JSON: expected a stack export or the evidence of an apply`);
}

const properties = z.record(z.string(), z.unknown()).catch({});
const resource = z.object({
    type: z.string(),
    urn: z.string().catch(""),
    id: z.string().optional().catch(undefined),
    inputs: properties,
    outputs: properties,
    initErrors: z.array(z.string()).catch([]),
    delete: z.boolean().optional().catch(undefined),
    external: z.boolean().optional().catch(undefined),
    viewOf: z.string().optional().catch(undefined),
});
// Lenient where a value has another form, but strict where `resources` is not a list, so that no resource is missed.
const stackExport = z.object({ deployment: z.object({ resources: z.array(resource).default([]) }) });
const applied = z.looseObject({ kind: z.literal("defender-cancellation apply"), resource });

/**
 * The resources in the text of a stack export, or of the evidence of an apply. The rows that the provider plugin shows
 * for the actions of a set are left out, because the set has their record.
 */
export function resourcesOf(json: string, name: string): StateResource[] {
    const journal = isApplyJournal(json) ? readApplyJournal(json, name) : undefined;
    if (journal && "unfinished" in journal) {
        return [journal];
    }
    let value: unknown = journal?.document;
    try {
        value = openSecrets(value ?? JSON.parse(json));
    } catch {
        throw notJson(name);
    }
    const evidence = applied.safeParse(value);
    if (evidence.success) {
        const { resource, ...document } = evidence.data;
        // An `apply` stores no errors with the resource.
        return [
            {
                ...resource,
                initErrors: [],
                applied: document,
                requests: takenRequests(requestsListed(document.requests)),
            },
        ];
    }
    const parsed = stackExport.safeParse(isObject(value) && "resources" in value ? { deployment: value } : value);
    if (!parsed.success) {
        throw new CliError(`${name} is neither a stack export nor the evidence of an apply`);
    }
    return withoutRows(parsed.data.deployment.resources);
}
