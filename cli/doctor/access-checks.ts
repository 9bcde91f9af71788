import { clouds, regions } from "../../provider/api/clouds.ts";
import { DefenderError, errorLine } from "../../provider/model/errors.ts";
import { fileStore, quotaFile } from "../../provider/quota/quota-file.ts";
import { callsWithin, countedFrom, limitsAt } from "../../provider/quota/quota-usage.ts";
import type { Settings } from "../../provider/session/config.ts";
import { quotaKeyOf, quotaLimitsOf, type Session } from "../../provider/session/session.ts";
import { readableTime } from "../../provider/system/clock.ts";
import { cliSettings, openCliSession } from "../cli-session.ts";
import type { Work } from "../command-frame.ts";
import type { CliHost } from "../host.ts";
import type { Check } from "./check.ts";
import { judgeRoles, type Purpose } from "./token-roles.ts";

/** The purpose that the identity is checked against. */
export interface AccessQuestion {
    readonly purpose: Purpose;
    readonly needsLiveResponse: boolean;
}

/** Checks the requirements of a run outside this machine, from the settings to the API's clock. Sends only reads. */
export async function accessChecks(question: AccessQuestion, { host, printer }: Work): Promise<Check[]> {
    let settings: Settings;
    let session: Session;
    try {
        settings = cliSettings(host);
        session = openCliSession(host, printer);
    } catch (error) {
        return [{ name: "settings", verdict: "fail", detail: errorLine(error) }];
    }
    const before: Check[] = [
        { name: "settings", verdict: "ok", detail: `credential from ${settings.credential.source}` },
        hostCheck(settings),
    ];
    try {
        await session.credentials.token();
    } catch (error) {
        if (error instanceof DefenderError && error.code === "ERR_DEFENDER_NO_CREDENTIAL") {
            return [{ name: "settings", verdict: "fail", detail: errorLine(error) }, hostCheck(settings)];
        }
        return [...before, { name: "sign-in", verdict: "fail", detail: errorLine(error) }];
    }
    const identity = await session.credentials.identity();
    const { appId = "unknown", tenantId = "unknown" } = identity;
    return [
        ...before,
        {
            name: "sign-in",
            verdict: "ok",
            detail: `app ${appId} in tenant ${tenantId}, by ${settings.credential.kind}`,
        },
        ...judgeRoles(identity, question.purpose, question.needsLiveResponse),
        ...(await apiChecks(session)),
        await quotaCheck(settings, host),
    ];
}

function hostCheck({ apiUrl, isOwnAuthority }: Settings): Check {
    const known = [
        ...Object.values(clouds).map((cloud) => cloud.apiUrl),
        ...regions.map((region) => `https://${region}.api.security.microsoft.com`),
    ];
    const own = [
        ...(known.includes(apiUrl)
            ? []
            : [`${apiUrl} is not a host of Microsoft: it gets the token, and its answers are trusted`]),
        ...(isOwnAuthority ? ["AZURE_AUTHORITY_HOST sets the host that signs in"] : []),
    ];
    return { name: "host", verdict: own.length > 0 ? "warn" : "ok", detail: own.join("; ") || apiUrl };
}

/** With a larger difference of the clocks, `notAfter` is unreliable, and Entra refuses tokens. */
const farMs = 5 * 60_000;
const noticeableMs = 30_000;

async function apiChecks({ http }: Session): Promise<Check[]> {
    try {
        const answer = await http({ method: "GET", path: "/api/machineactions", query: "$top=1" });
        return [
            { name: "api", verdict: "ok", detail: `answers, ${answer.correlationId ?? "without a correlation id"}` },
            clockCheck(answer.receivedAt, answer.date),
        ];
    } catch (error) {
        return [{ name: "api", verdict: "fail", detail: errorLine(error) }];
    }
}

function clockCheck(receivedAt: number, date: string | undefined): Check {
    const apart = receivedAt - Date.parse(date ?? "");
    if (Number.isNaN(apart)) {
        return { name: "clock", verdict: "skip", detail: "the API's answer has no readable Date" };
    }
    const size = Math.abs(apart);
    const seconds = Math.round(size / 1_000);
    const detail =
        seconds <= 1
            ? "agrees with the API's clock"
            : `${seconds} s ${apart > 0 ? "ahead of" : "behind"} the API's clock`;
    return { name: "clock", verdict: size > farMs ? "fail" : size > noticeableMs ? "warn" : "ok", detail };
}

/** Shows the calls that the processes of this machine have used, and limits that were learnt from refusals. */
async function quotaCheck(settings: Settings, { ties, env, clock }: CliHost): Promise<Check> {
    const problems: string[] = [];
    const path = quotaFile(quotaKeyOf(settings), env);
    const store = ties?.quotaStore ?? fileStore(path, (line) => problems.push(line));
    const usage = await store.update((usage) => ({ usage, result: usage }));
    const now = clock.now();
    const counted = countedFrom(usage, now);
    const used = limitsAt(usage, quotaLimitsOf(settings), now).map(
        ({ calls, periodMs }) => `${callsWithin(counted, periodMs, now)} of ${calls} in ${periodMs / 1_000} s`,
    );
    const isPaused = usage.pause !== undefined && usage.pause.until > now;
    const remarks = [
        ...(usage.learnt.length > 0 ? ["the API enforced a lower quota than the configured one"] : []),
        ...(isPaused
            ? [`the API accepts no call before ${readableTime(Math.ceil((usage.pause?.until ?? 0) / 1_000) * 1_000)}`]
            : []),
        ...problems,
    ];
    return {
        name: "quota",
        verdict: remarks.length > 0 ? "warn" : "ok",
        detail: [used.join(", "), ...remarks].join("; "),
    };
}
