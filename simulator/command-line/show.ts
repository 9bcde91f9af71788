import type { RecordedRequest } from "../http/request-record.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";
import { jsonLine, requestLine, signInLine } from "./lines.ts";

/** The output of the command while it runs. */
export interface Show {
    /** Writes the text that comes before all requests. */
    beginning(text: string): void;
    request(request: RecordedRequest, actionStatus: string | undefined): void;
    signIn(signIn: RecordedSignIn): void;
}

/** Writes requests as lines, with `json` as JSON. Those that come in before the beginning wait for it. */
export function createShow(json: boolean, write: (text: string) => void): Show {
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
        request(request, actionStatus) {
            const { headers: _, ...shown } = request;
            line(json ? jsonLine({ ...shown, actionStatus }) : requestLine(request, actionStatus));
        },
        signIn: (signIn) => line(json ? jsonLine(signIn) : signInLine(signIn)),
    };
}
