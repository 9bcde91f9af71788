/**
 * Validates the events of `report --format ocsf` and `audit --format ocsf` with a public validator, which has OCSF's
 * published schema: `npm run test:events`. Exit code 0 only if it finds nothing.
 *
 *     npm run test:events -- --write    also writes the compiled schema, which `npm test` validates with
 *
 * The validator is installed once, and kept in the user's cache folder. After `--write`, run `npm run format`.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createChecks, runChecks } from "./checks.ts";
import { eventSamples } from "./events/event-samples.ts";
import { compiledSchema, schemaFile, storedSchema, validate } from "./events/ocsf-validator.ts";

const { values } = parseArgs({ options: { write: { type: "boolean" } } });

async function checkEvents(folder: string): Promise<number> {
    const checks = createChecks();
    if (values.write) {
        await writeFile(schemaFile, await compiledSchema());
    }
    await checks.check("the schema that npm test validates with is the published one", async () => {
        if (!isDeepStrictEqual(JSON.parse(await compiledSchema()), JSON.parse(storedSchema()))) {
            throw new Error(`${schemaFile} differs: run "npm run test:events -- --write"`);
        }
    });
    await checks.check("the validator finds a fault that we make", async () => {
        const problems = await validate('{"class_uid":7001,"surplus":1}');
        if (!problems.includes("surplus") || !problems.includes("command_uid")) {
            throw new Error(`it found only: ${problems}`);
        }
    });
    for (const { name, events } of await eventSamples(folder)) {
        const count = events.split("\n").length;
        await checks.check(`${name}: ${count} events`, async () => {
            const problems = await validate(events);
            if (problems !== "") {
                throw new Error(problems);
            }
        });
    }
    return checks.end();
}

const folder = await mkdtemp(join(tmpdir(), "defender-events-"));
try {
    await runChecks(() => checkEvents(folder));
} finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
