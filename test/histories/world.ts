import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import type { HttpRequest } from "../../provider/api/exchange.ts";
import { createHttp, type Http } from "../../provider/api/http.ts";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { DynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import { createDayCount } from "../../provider/guard/day-count.ts";
import { createGuard } from "../../provider/guard/guard.ts";
import { memoryCount } from "../../provider/guard/run-count.ts";
import { createMachineReader } from "../../provider/machines/machine-reader.ts";
import { createMachinesClient } from "../../provider/machines/machines-client.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { createQuota } from "../../provider/quota/quota.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { coreOver } from "../../provider/session/session.ts";
import { createCredentials } from "../../provider/sign-in/credentials.ts";
import { createOwnNames } from "../../provider/sign-in/own-names.ts";
import {
    type ActionSeed,
    type Fault,
    type MachineActionRow,
    type Operation,
    type Simulator,
    startSimulator,
} from "../../simulator/index.ts";
import { cancellationFace } from "../helpers/dynamic-face.ts";
import { type Declared, emptyStack, type Stack } from "../helpers/engine-rules.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";
import { tokenOf } from "../helpers/stage.ts";

/** The application that our runs sign in as. */
export const ourApp = "our-app";
/** The stack that declares. */
export const project = "p/s";

/** One question to the API as the provider asked it, its repetitions inside the client among it. */
export interface Exchange {
    /** Which command asked, counted from 1. */
    readonly command: number;
    readonly kind: "read" | "cancel";
    /** The action that a cancel request names. */
    readonly actionId: string | undefined;
    /** Moments on a counter: no two are equal. */
    readonly began: number;
    readonly ended: number;
    /** When it was asked and answered, on the clock. */
    readonly askedAt: number;
    readonly answeredAt: number;
    /** When a cancel request went out, on the clock; undefined when none did. */
    readonly sentAt: number | undefined;
    /** Whether the API carried the cancel request out, whatever it said. */
    readonly wasTaken: boolean;
    /** Whether the provider cannot know that it was not taken. */
    readonly mayBeTaken: boolean;
    /** The status in the answer to a cancel request. */
    readonly answered: string | undefined;
    /** The statuses that a read showed, by id. */
    readonly shown: ReadonlyMap<string, string>;
    /** Whether it looked at machines, not at actions. */
    readonly isAround: boolean;
}

/** The API with its fleet, the stack, and all that was ever asked. */
export interface World extends AsyncDisposable {
    readonly simulator: Simulator;
    readonly clock: RecordedClock;
    readonly stack: Stack;
    readonly exchanges: readonly Exchange[];
    /** Counts the commands. */
    command: number;
    /** What goes wrong with the next requests, each once. */
    readonly faults: { operation: Operation; fault: Fault }[];
    /** What happens while requests wait: one of them at the end of each wait. */
    readonly whileWaiting: (() => void)[];
    /** Whether a guard protects machines with a tag. */
    readonly isGuarded: boolean;
    /** When machines got that tag, on the clock. */
    readonly protectedAt: Map<string, number>;
    /** How many faults a command ran into. */
    faultsHit(command: number): number;
    /** What the lifecycle said in a command. */
    said(command: number): readonly string[];
    /** When an action was resumed, on the counter of the exchanges. */
    readonly resumed: Map<string, number>;
    /** What the program declares. */
    program: readonly Declared[];
    now(): number;
    moment(): number;
    row(id: string): MachineActionRow | undefined;
    /** A fresh plugin process; told to stop when its nth question goes out. */
    start(stopAt?: number): { lifecycle: DynamicProvider; session: CancelContext };
    /** Somebody cancels by the API, beside us. */
    cancelBy(appId: string, id: string, comment: string): Promise<void>;
}

const notTaken = new Set<string>([
    "ERR_DEFENDER_PAST_NOT_AFTER",
    "ERR_DEFENDER_INTERRUPTED",
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_NOT_FOUND",
    "ERR_DEFENDER_REFUSED",
]);

function rowsOf(body: unknown): MachineActionRow[] {
    const { value = [body] } = (body ?? {}) as { value?: unknown };
    return (Array.isArray(value) ? value : []).filter((row) => typeof row?.id === "string");
}

/** How old what the guard knows of a machine may be, in milliseconds. */
export const maxFactsAgeMs = 120_000;

const guardFile = join(mkdtempSync(join(tmpdir(), "defender-model-")), "guard.yaml");
writeFileSync(guardFile, "version: 1\nprotectTags: [tier-0]\n");
process.once("exit", () => rmSync(dirname(guardFile), { recursive: true, force: true }));

/** Starts a world with these actions. Its time passes only by sleeps and by `clock.advance`. */
export async function startWorld(actions: readonly ActionSeed[], isGuarded = false): Promise<World> {
    const clock = recordedClock(() => world.whileWaiting.shift()?.());
    const faults: World["faults"] = [];
    const hits: number[] = [];
    const said: { command: number; line: string }[] = [];
    const exchanges: Exchange[] = [];
    let moments = 0;
    let isSomebodyElse = false;
    const moment = () => ++moments;
    const simulator = await startSimulator({
        now: clock.now,
        actions,
        faults: ({ operation }) => {
            const index = faults.findIndex((planned) => planned.operation === operation);
            const [hit] = index === -1 || isSomebodyElse ? [] : faults.splice(index, 1);
            if (hit) {
                hits.push(world.command);
            }
            return hit?.fault;
        },
    });

    function recorded(http: Http, onQuestion: () => void): Http {
        return async (request: HttpRequest) => {
            onQuestion();
            const [began, before] = [moment(), simulator.requests.length];
            const command = world.command;
            const askedAt = clock.now();
            let answered: string | undefined;
            let sentAt: number | undefined;
            let mayBeTaken = true;
            let isStopped = false;
            let shown: MachineActionRow[] = [];
            try {
                const answer = await http({
                    ...request,
                    beforeSend(lease) {
                        // An attempt before it was refused by the quota, or there was none.
                        isStopped = true;
                        request.beforeSend?.(lease);
                        isStopped = false;
                        sentAt = clock.now();
                    },
                });
                shown = rowsOf(answer.body);
                answered = shown[0]?.status;
                return answer;
            } catch (error) {
                mayBeTaken = !isStopped && !(error instanceof DefenderError && notTaken.has(error.code));
                throw error;
            } finally {
                const isCancel = request.method === "POST";
                const { machineActionId: actionId } = request;
                exchanges.push({
                    command,
                    kind: isCancel ? "cancel" : "read",
                    actionId: isCancel ? actionId : undefined,
                    began,
                    ended: moment(),
                    askedAt,
                    answeredAt: clock.now(),
                    answered: isCancel ? answered : undefined,
                    sentAt: isCancel ? sentAt : undefined,
                    mayBeTaken: isCancel && sentAt !== undefined && mayBeTaken,
                    wasTaken:
                        isCancel &&
                        simulator.requests
                            .slice(before)
                            .some(
                                (seen) => seen.operation === "cancel" && seen.actionId === actionId && seen.carriedOut,
                            ),
                    shown: new Map(isCancel ? [] : shown.map(({ id, status }) => [id, status])),
                    isAround: request.query?.includes("machineId") ?? false,
                });
            }
        };
    }

    function start(stopAt?: number): { lifecycle: DynamicProvider; session: CancelContext } {
        const stop = new AbortController();
        let questions = 0;
        const credentials = createCredentials(async () => ({ token: tokenOf(ourApp), expiresAt: undefined }), clock);
        const quota = createQuota({
            limits: [{ calls: 100_000, periodMs: 60_000 }],
            store: memoryStore(),
            clock,
            log: () => {},
            stop: stop.signal,
        });
        const http = createHttp({
            apiUrl: simulator.url,
            credentials,
            quota,
            clock,
            userAgent: "model/1",
            stop: stop.signal,
        });
        const client = createDefenderClient(
            recorded(http, () => {
                questions++;
                if (questions === stopAt) {
                    stop.abort();
                }
            }),
        );
        const machines = createMachineReader(createMachinesClient(http), { clock });
        const guard = createGuard({
            guardFile: isGuarded ? guardFile : undefined,
            approvals: [],
            machines,
            count: memoryCount(),
            dayCount: createDayCount({
                list: createVerifiedList(client, () => {}, "nothing here"),
                identify: credentials.identity,
                clock,
            }),
            clock,
            log() {},
        });
        const parts = {
            ...{ client, machines, guard, nextSlot: quota.nextSlot, clock },
            ...{ stop: stop.signal, gatherMs: 1, log: (line: string) => said.push({ command, line }) },
        };
        const session: CancelContext = {
            ...coreOver(parts),
            async identify() {
                const { appId, tenantId } = await credentials.identity();
                return { appId, tenantId, apiHost: "api.example", packageVersion: "1.2.3" };
            },
            ownNames: createOwnNames(credentials.identity),
            visibilityMs: 5_000,
            paceMs: () => 0,
        };
        const { command } = world;
        return {
            session,
            lifecycle: cancellationFace(
                () => session,
                (line) => said.push({ command, line }),
            ),
        };
    }

    const world: World = {
        simulator,
        clock,
        stack: emptyStack(project),
        exchanges,
        command: 0,
        faults,
        whileWaiting: [],
        isGuarded,
        protectedAt: new Map(),
        faultsHit: (command) => hits.filter((hit) => hit === command).length,
        said: (command) => said.filter((one) => one.command === command).map(({ line }) => line),
        resumed: new Map(),
        program: [],
        now: clock.now,
        moment,
        row: (id) => simulator.action(id),
        start,
        async cancelBy(appId, id, comment) {
            isSomebodyElse = true;
            await fetch(`${simulator.url}/api/machineactions/${id}/cancel`, {
                method: "POST",
                headers: { authorization: `Bearer ${tokenOf(appId)}`, "content-type": "application/json" },
                body: JSON.stringify({ Comment: comment }),
            });
            isSomebodyElse = false;
        },
        [Symbol.asyncDispose]: () => simulator.close(),
    };
    return world;
}
