import { type GuardFile, readGuardFile } from "../../provider/guard/guard-file.ts";
import { fileCount } from "../../provider/guard/run-count.ts";
import { errorLine } from "../../provider/model/errors.ts";
import { parseGuardPath } from "../../provider/session/config.ts";
import { cacheFile } from "../../provider/system/shared-file/cache-file.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import type { CliHost } from "../host.ts";
import type { Check } from "./check.ts";

/**
 * Checks that the guard that the environment names can be used, and that a run has all that this guard needs. With an
 * unusable guard, a run sends no cancel request. The check itself sends no request. Without a guard there is nothing to
 * check.
 */
export async function guardChecks(host: CliHost): Promise<Check[]> {
    let path: string | undefined;
    let guard: GuardFile;
    try {
        path = parseGuardPath(host.env.DEFENDER_GUARD);
        if (path === undefined) {
            return [];
        }
        guard = await readGuardFile(path, host.cwd);
    } catch (error) {
        return [{ name: "guard", verdict: "fail", detail: errorLine(error) }];
    }
    const { sha256, rules, doubts } = guard;
    const uncounted = rules.maxPerRun === undefined ? undefined : await countFault(host);
    const said = [
        `${path} (SHA-256 ${sha256.slice(0, 12)}): ${describeRules(rules)}`,
        ...(uncounted === undefined ? [] : [uncounted]),
        ...doubts,
    ];
    const verdict = uncounted !== undefined ? "fail" : doubts.length > 0 ? "warn" : "ok";
    return [{ name: "guard", verdict, detail: said.join("; ") }];
}

function describeRules(rules: GuardFile["rules"]): string {
    const listed = Object.entries(rules).map(([name, value]) => {
        const text = Array.isArray(value) ? value.join(", ") : String(value);
        return `${name} ${shortText(text, 200)}`;
    });
    return listed.length > 0 ? listed.join("; ") : "no rules";
}

/** Counts one request under a separate run and takes it back, to check that `up` can count before each request. */
async function countFault({ env, clock }: CliHost): Promise<string | undefined> {
    const path = cacheFile("runs.json", env);
    try {
        const count = fileCount(path, "doctor", clock);
        await count.take(Number.MAX_SAFE_INTEGER);
        await count.giveBack();
        return undefined;
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return `maxPerRun is set, but ${path} cannot be written (${shortText(why)}): \`up\` would send nothing`;
    }
}
