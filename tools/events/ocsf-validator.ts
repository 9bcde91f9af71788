import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { ocsfVersion } from "../../cli/events/ocsf.ts";
import { ensurePythonEnvironment } from "../python-environment.ts";
import { root } from "../set-up/paths.mjs";

/** The schema that `npm test` validates with. */
export const schemaFile: string = join(root, "test", "fixtures", "ocsf", "remediation-activity.schema.json");

const schemaOf = [ocsfVersion, "remediation_activity", "cloud,host"];

export function storedSchema(): string {
    return readFileSync(schemaFile, "utf8");
}

/** The published schema of the events' class and profiles, without the captions, which are no rules. */
export async function compiledSchema(): Promise<string> {
    const schema: unknown = JSON.parse(await run("schema"));
    const withoutCaptions = (name: string, value: unknown) =>
        name === "title" && typeof value === "string" ? undefined : value;
    return `${JSON.stringify(schema, withoutCaptions)}\n`;
}

/** The problems that the validator finds in the events, a line each; empty without any. */
export async function validate(events: string): Promise<string> {
    return (await run("validate", events)).trim();
}

async function run(command: "schema" | "validate", input = ""): Promise<string> {
    const { python } = await ensurePythonEnvironment({
        kind: "events",
        name: "ocsf-validator",
        what: "the validator of OCSF's events",
        requirements: join(import.meta.dirname, "requirements.txt"),
    });
    const args = [join(import.meta.dirname, "validate_ocsf.py"), command, ...schemaOf];
    const { stdout, stderr, exitCode } = await execa(python, args, { input, reject: false });
    if (exitCode !== 0 && stdout.trim() === "") {
        throw new Error(`the validator failed: ${stderr}`);
    }
    return stdout;
}
