import type { ActionCourse } from "../actions/action-course.ts";
import type { ActionState } from "../actions/action-state.ts";
import { isFinal, isSameType } from "../actions/machine-action.ts";
import { startsAfterMs } from "../actions/run-times.ts";
import type { Agenda } from "../time/agenda.ts";
import type { Presence } from "./presence.ts";

/** The links of the service to the machines of one tenant: over them, machines fetch actions and report their ends. */
export interface MachineLinks {
    /** Adds an action to its machine, which may fetch it. */
    add(state: ActionState, time: number): void;
    /** Whether an action of this type has not ended on the machine. */
    isOpen(machineId: string, type: string): boolean;
    /** Whether a machine is online; undefined if nothing happens by itself on it. */
    isOnline(machineId: string | null): boolean | undefined;
    /** Lets follow what the end of an action means for its machine. */
    ended(state: ActionState, time: number): void;
    /** Replaces all that was planned for the presence of a machine; undefined: nothing happens by itself on it. */
    setPresence(machineId: string, presence: Presence | undefined, time: number): void;
    /** Lets a machine go online or offline now; later changes stay planned. */
    setOnline(machineId: string, online: boolean, time: number): void;
}

interface Link {
    /** Oldest first. */
    readonly actions: ActionState[];
    online: boolean | undefined;
    /** Whether an isolation has succeeded since the last release. */
    isolated: boolean;
    /** Removes the planned changes from the agenda. */
    drop: () => void;
}

type Steps = Pick<ActionCourse, "start" | "reconnect" | "planTimeOut">;

/** The links over which `steps` happen; the links know no machine yet. */
export function createMachineLinks(agenda: Agenda, steps: Steps): MachineLinks {
    const links = new Map<string, Link>();

    function linkTo(machineId: string): Link {
        const link = links.get(machineId) ?? { actions: [], online: undefined, isolated: false, drop() {} };
        links.set(machineId, link);
        return link;
    }

    function linkOf({ machine: { machineId } }: ActionState): Link | undefined {
        return machineId === null ? undefined : links.get(machineId);
    }

    /** Lets the machine fetch a Pending action. It does not start a second isolation before its release. */
    function fetch(state: ActionState, time: number): void {
        const { row } = state;
        const link = linkOf(state);
        const waits = link?.isolated === true && isSameType(row.type, "Isolate");
        if (link?.online === true && row.status === "Pending" && !waits) {
            steps.start(state, time);
        }
    }

    function go(link: Link, online: boolean, time: number): void {
        if (link.online === online) {
            return;
        }
        const isNew = link.online === undefined;
        link.online = online;
        for (const state of link.actions) {
            if (isNew) {
                steps.planTimeOut(state);
            }
            if (online) {
                fetch(state, time);
                steps.reconnect(state, time);
            }
        }
    }

    return {
        add(state, time) {
            const { machineId } = state.machine;
            if (machineId === null) {
                return;
            }
            const link = linkTo(machineId);
            link.actions.push(state);
            if (link.online !== undefined) {
                steps.planTimeOut(state);
            }
            if (link.online === true) {
                agenda.after(time, startsAfterMs(state.seed), (then) => {
                    fetch(state, then);
                    steps.reconnect(state, then);
                });
            }
        },
        isOpen(machineId, type) {
            const there = links.get(machineId)?.actions ?? [];
            return there.some(({ row }) => !isFinal(row.status) && isSameType(row.type, type));
        },
        isOnline: (machineId) => (machineId === null ? undefined : links.get(machineId)?.online),
        ended(state, time) {
            const { row } = state;
            const link = linkOf(state);
            if (link === undefined || row.status !== "Succeeded") {
                return;
            }
            if (isSameType(row.type, "Isolate")) {
                link.isolated = true;
            }
            if (isSameType(row.type, "Unisolate")) {
                link.isolated = false;
                for (const one of link.actions) {
                    fetch(one, time);
                }
            }
        },
        setPresence(machineId, presence, time) {
            const link = linkTo(machineId);
            link.drop();
            link.drop = () => {};
            if (presence === undefined) {
                link.online = undefined;
                return;
            }
            const past = presence.changes.filter(({ at }) => at <= time);
            go(link, past.at(-1)?.online ?? presence.online, time);
            const drops = presence.changes
                .slice(past.length)
                .map(({ at, online }) => agenda.after(time, at - time, (then) => go(link, online, then)));
            link.drop = () => {
                for (const drop of drops) {
                    drop();
                }
            };
        },
        setOnline: (machineId, online, time) => go(linkTo(machineId), online, time),
    };
}
