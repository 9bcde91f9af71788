import { createHash, randomUUID } from "node:crypto";
import type { MachineSeed } from "../machines/machine-row.ts";
import { type ActionConduct, beginsPending } from "./action-conduct.ts";
import { type LiveResponseSeed, usualCommands } from "./live-response.ts";
import {
    errorHResultOf,
    formatTicks,
    isCancelled,
    isGuid,
    type MachineActionRow,
    parseTicks,
} from "./machine-action.ts";

/** A machine action to put into the simulated tenant. Every property has a default. */
export interface ActionSeed extends ActionConduct {
    /** GUID, kept in lower case. Default: a new one. */
    id?: string;
    /** Default `Isolate`, or `LiveResponse` with `liveResponse` or the behaviour `cancelled-though-completed`. */
    type?: string;
    /** Default: the status with which the behaviour begins, `Pending` or `InProgress`. */
    status?: string;
    /** 40 hex digits. Default: derived from the id, so that every action has a machine of its own. */
    machineId?: string | null;
    /** Default: a host name derived from the machine. */
    computerDnsName?: string | null;
    /** Default `soar@contoso.example`. */
    requestor?: string;
    /** Default `playbook 12`. */
    requestorComment?: string;
    /** Default `PublicApi`. */
    requestSource?: string;
    /** Default `Full` for an isolation, else null. */
    scope?: string | null;
    /** Default null. */
    title?: string | null;
    /** Default null. */
    externalId?: string | null;
    /** The file of a StopAndQuarantineFile, for example. Default null. */
    relatedFileInfo?: { fileIdentifier: string; fileIdentifierType: string } | null;
    /** ISO 8601. Default: the simulator's clock. */
    creationDateTimeUtc?: string;
    /** Who cancelled an action that is Cancelled from the start. Default `soc@contoso.example`, in the portal. */
    cancelledBy?: string;
    /** The comment of that cancellation. */
    cancellationComment?: string;
    /** The time of that cancellation, ISO 8601. Default: when the action was created. */
    cancelledAt?: string;
    /** Default `[]`, or one Completed command for `cancelled-though-completed`. */
    commands?: unknown[];
    /**
     * For so many ms after it is seeded, the API returns null for `machineId` and `computerDnsName`, as it does right
     * after an offboarding or a live response is submitted. Default 0.
     */
    machineShownAfterMs?: number;
    /** Makes it a live response that shows its commands: Created, Executing, then Completed or Failed. */
    liveResponse?: LiveResponseSeed;
    /** Properties of its machine: {@link MachineSeed} without the id. Default: none. */
    machine?: Omit<MachineSeed, "id">;
}

type CancellationField = "cancellationRequestor" | "cancellationComment" | "cancellationDateTimeUtc";
type Cancellation = Pick<MachineActionRow, CancellationField>;

/** The fields of a cancellation that was made in the portal. */
export function cancelledInPortal(time: string): Readonly<Record<CancellationField, string>> {
    return {
        cancellationRequestor: "soc@contoso.example",
        cancellationComment: "cancelled in the portal",
        cancellationDateTimeUtc: time,
    };
}

function cancellationOf({ cancelledBy, cancellationComment }: ActionSeed, time: string): Cancellation {
    return {
        ...cancelledInPortal(time),
        ...(cancelledBy === undefined ? {} : { cancellationRequestor: cancelledBy }),
        ...(cancellationComment === undefined ? {} : { cancellationComment }),
    };
}

const notCancelled: Cancellation = {
    cancellationRequestor: null,
    cancellationComment: null,
    cancellationDateTimeUtc: null,
};

/** The machine that an action runs on. */
export type ActionMachine = Pick<MachineActionRow, "machineId" | "computerDnsName">;

/** The seed of a new action of the same type on the same machine, with the same commands if it is a live response. */
export function reissueOf(
    row: MachineActionRow,
    { liveResponse }: Pick<ActionSeed, "liveResponse">,
    machine: ActionMachine,
    requestor: string,
): ActionSeed {
    const { type, scope, title, externalId, relatedFileInfo, requestSource, requestorComment } = row;
    return {
        type,
        ...machine,
        ...(liveResponse === undefined ? {} : { liveResponse }),
        scope,
        title,
        externalId,
        relatedFileInfo,
        requestSource,
        requestorComment,
        requestor,
    };
}

function completedCommand(time: string): unknown {
    return {
        index: 0,
        startTime: time,
        endTime: time,
        commandStatus: "Completed",
        errors: [],
        command: usualCommands[0],
    };
}

/** The row that a seed describes, created at `now` by default. Throws when an id or a time is malformed. */
export function rowOf(seed: ActionSeed, now: bigint): MachineActionRow {
    const id = (seed.id ?? randomUUID()).toLowerCase();
    const created = seed.creationDateTimeUtc === undefined ? now : parseTicks(seed.creationDateTimeUtc);
    if (!isGuid(id)) {
        throw new TypeError(`A machine action's id must be a GUID, not "${id}".`);
    }
    if (created === undefined) {
        throw new TypeError(`creationDateTimeUtc must be an ISO 8601 time, not "${seed.creationDateTimeUtc}".`);
    }
    const behaviour = seed.behaviour ?? "pending";
    const completed = behaviour === "cancelled-though-completed";
    const type = seed.type ?? (completed || seed.liveResponse ? "LiveResponse" : "Isolate");
    const status = seed.status ?? (beginsPending(behaviour) ? "Pending" : "InProgress");
    const machineId = seed.machineId === undefined ? createHash("sha1").update(id).digest("hex") : seed.machineId;
    const hostName = machineId === null ? null : `ws-${machineId.slice(0, 6)}.contoso.example`;
    const time = formatTicks(created);
    const ended = seed.cancelledAt === undefined ? created : parseTicks(seed.cancelledAt);
    if (ended === undefined) {
        throw new TypeError(`cancelledAt must be an ISO 8601 time, not "${seed.cancelledAt}".`);
    }
    return {
        id,
        type,
        title: seed.title ?? null,
        requestor: seed.requestor ?? "soar@contoso.example",
        requestorComment: seed.requestorComment ?? "playbook 12",
        status,
        machineId: machineId?.toLowerCase() ?? null,
        computerDnsName: seed.computerDnsName === undefined ? hostName : seed.computerDnsName,
        creationDateTimeUtc: time,
        lastUpdateDateTimeUtc: formatTicks(ended),
        ...(isCancelled(status) ? cancellationOf(seed, formatTicks(ended)) : notCancelled),
        errorHResult: errorHResultOf(status),
        scope: seed.scope === undefined ? (type === "Isolate" ? "Full" : null) : seed.scope,
        externalId: seed.externalId ?? null,
        requestSource: seed.requestSource ?? "PublicApi",
        relatedFileInfo: structuredClone(seed.relatedFileInfo ?? null),
        commands: structuredClone(seed.commands ?? (completed ? [completedCommand(time)] : [])),
        troubleshootInfo: null,
    };
}
