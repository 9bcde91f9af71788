import type { MachineActionRow } from "../actions/machine-action.ts";
import type { RecordedRequest } from "../http/request-record.ts";
import { bodyWithoutSecrets, targetWithoutSecrets } from "../http/request-secrets.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import { machineName } from "./fleet-table.ts";
import { jsonLine, requestLine, sanitize, signInLine } from "./lines.ts";

/** The output of the command while it runs. */
export interface Show {
    /** Writes the text that comes before all requests. */
    beginning(text: string): void;
    /** `action` is the one that the request names or made, as it is now. */
    request(request: RecordedRequest, action: MachineActionRow | undefined): void;
    signIn(signIn: RecordedSignIn): void;
    /** A re-issue that came by time. With `json` it has no line, because all lines of JSON are requests. */
    reissue(action: MachineActionRow): void;
}

/** The form of the output. */
export interface ShowOptions {
    json: boolean;
    /** Whether a line says which application sent the request; JSON always does. */
    showApplication: boolean;
}

/** Writes requests as lines, with `json` as JSON. Those that come in before the beginning wait for it. */
export function createShow({ json, showApplication }: ShowOptions, write: (text: string) => void): Show {
    let early: string[] | undefined = [];
    function line(text: string): void {
        if (early === undefined) {
            write(`${text}\n`);
        } else {
            early.push(`${text}\n`);
        }
    }
    return {
        beginning(text) {
            write([text, ...(early ?? [])].join(""));
            early = undefined;
        },
        request(request, action) {
            const actionStatus = action?.status;
            const machine = action?.computerDnsName ?? action?.machineId ?? undefined;
            line(
                json
                    ? jsonLine({ ...shown(request), actionStatus })
                    : requestLine(request, actionStatus, { machine, showApplication }),
            );
        },
        reissue(action) {
            const { type, requestor, id } = action;
            if (!json) {
                line(sanitize(`${machineName(action)} ${type} issued again by ${requestor} (${id})`));
            }
        },
        signIn: (signIn) => line(json ? jsonLine(signIn) : signInLine(signIn)),
    };
}

/** A request without its headers and secrets. */
function shown({ headers, ...request }: RecordedRequest): Omit<RecordedRequest, "headers"> {
    const body = bodyWithoutSecrets({ ...request, headers });
    return { ...request, ...targetWithoutSecrets({ ...request, headers }), body };
}
