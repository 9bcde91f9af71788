import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { errorHResultOf } from "../../simulator/actions/machine-action.ts";
import { type ActionSeed, type Simulator, startSimulator } from "../../simulator/index.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { tokenWith } from "./command.ts";
import { packageRoot, type StoredResource } from "./engine.ts";

/** A token of the application that cancelled in the records of release 1.0.0-rc.1. */
export const rc1Token: string = tokenWith({
    tid: "0e1f2a3b-4c5d-4e6f-8a7b-00000000abcd",
    appid: "9a1b2c3d-0000-4000-8000-00000000abcd",
});

/** The placeholder in the records for the address of the simulator that they were made with. */
const recordedHost = "api.security.microsoft.com";

/** A machine action as the API returned it then. */
export type RecordedRow = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string };

/** The parts of a stack export that tests use. */
export interface RecordedState {
    readonly version: number;
    readonly deployment: { readonly resources: StoredResource[] };
}

/** The text of a file in `test/fixtures/rc.1/`, for an API at this address. */
export function rc1Text(name: string, apiUrl?: string): string {
    const text = readFileSync(join(packageRoot, "test/fixtures/rc.1", name), "utf8");
    return apiUrl === undefined ? text : text.replaceAll(recordedHost, new URL(apiUrl).host);
}

/** The API's answers from which these records were made. */
export function rc1Rows(...names: readonly string[]): RecordedRow[] {
    return names.flatMap((name) => JSON.parse(rc1Text(`${name}.actions.json`)) as RecordedRow[]);
}

/** Merges stack states into one; each has the same stack and provider. */
export function rc1State(apiUrl: string, ...names: readonly string[]): RecordedState {
    const [first, ...others] = names.map((name) => JSON.parse(rc1Text(`${name}.json`, apiUrl)) as RecordedState);
    if (!first) {
        throw new Error("no state is named");
    }
    const resources = [first, ...others].flatMap(({ deployment }) => deployment.resources);
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    return { ...first, deployment: { ...first.deployment, resources: [...byUrn.values()] } };
}

/** The rows, some with this status, as if they had ended after they were recorded. */
export function endedAs(status: string, ids: readonly string[], rows: readonly RecordedRow[]): RecordedRow[] {
    return rows.map((row) => (ids.includes(row.id) ? { ...row, status, errorHResult: errorHResultOf(status) } : row));
}

/** An API that returns recorded rows unchanged, and then changes them as requests come. */
export interface RecordedApi extends AsyncDisposable {
    readonly url: string;
    readonly simulator: Simulator;
    /** The ids of the actions for which it received cancel requests, one for each request. */
    sent(): string[];
}

/**
 * Starts the simulator with these rows, behind a server that returns the recorded row, byte for byte, for each row that
 * has not changed since, because fields that the simulator adds to its rows must not change the hash of a proof.
 */
export async function startRecordedApi(rows: readonly RecordedRow[]): Promise<RecordedApi> {
    const simulator = await startSimulator({ actions: rows.map(seedOf) });
    const recorded = new Map(rows.map((row) => [row.id, { row, seeded: simulator.action(row.id) }]));
    const asRecorded = (row: RecordedRow): RecordedRow => {
        const known = recorded.get(row.id);
        return known && isDeepStrictEqual(simulator.action(row.id), known.seeded) ? { ...row, ...known.row } : row;
    };
    const server: ApiServer = await startApiServer(async ({ method, url, headers, body }) => {
        const { authorization = "", "content-type": type } = headers;
        const response = await fetch(`${simulator.url}${url}`, {
            method,
            headers: { authorization: String(authorization), ...(type ? { "content-type": String(type) } : {}) },
            ...(method === "GET" ? {} : { body }),
        });
        const answer = (await response.json()) as { readonly value?: RecordedRow[] } & RecordedRow;
        const kept = ["date", "mise-correlation-id"].map((name) => [name, response.headers.get(name) ?? ""]);
        return {
            status: response.status,
            headers: Object.fromEntries(kept.filter(([, value]) => value !== "")),
            body: answer.value ? { ...answer, value: answer.value.map(asRecorded) } : asRecorded(answer),
        };
    });
    return {
        url: server.url,
        simulator,
        sent: () =>
            simulator.requests.flatMap(({ operation, actionId }) =>
                operation === "cancel" && actionId !== undefined ? [actionId] : [],
            ),
        async [Symbol.asyncDispose]() {
            await server[Symbol.asyncDispose]();
            await simulator.close();
        },
    };
}

function seedOf(row: RecordedRow): ActionSeed {
    const { id, type, status, machineId, computerDnsName, requestor, requestorComment, ...more } = row;
    const { requestSource, scope, creationDateTimeUtc, commands } = more;
    const action = { id, type, status, machineId, computerDnsName, requestor, requestorComment };
    const { cancellationRequestor: cancelledBy, cancellationComment, cancellationDateTimeUtc: cancelledAt } = more;
    const cancellation = status === "Cancelled" ? { cancelledBy, cancellationComment, cancelledAt } : {};
    return { ...action, requestSource, scope, creationDateTimeUtc, commands, ...cancellation } as ActionSeed;
}
