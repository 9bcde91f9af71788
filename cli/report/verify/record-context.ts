import type { Observation } from "../../../provider/api/defender-client.ts";
import type { CancellerNames } from "../../../provider/model/canceller.ts";
import type { EvidenceName } from "../../../provider/model/evidence.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import type { Findings } from "./finding.ts";

/** The host and the tenant that `--verify` reads. They are compared with those in the evidence. */
export interface Place {
    readonly apiHost: string;
    readonly tenantId: string | undefined;
    /** The names of the identity that runs the verification. */
    readonly own: CancellerNames;
}

/** The values with which the evidence of a single cancellation or of a run is compared. */
export interface RecordContext {
    /** The digest of the current declaration. */
    readonly digest: string;
    readonly place: Place;
    readonly findings: Findings;
}

/** Additional values with which the evidence of a run is compared. */
export interface RunContext extends RecordContext {
    /** The results whose last request this run sent. */
    readonly ofRun: ReadonlyMap<string, Properties>;
    readonly observations: ReadonlyMap<string, Observation>;
    /** The stored evidence of the run. */
    readonly run: Properties;
    /**
     * How many results of later runs may also have had a request in this run, because they count more than one request.
     */
    readonly requestedAgain: number;
}

/** One value of a record; undefined where it is missing. */
export type InRecord<Context> = Context & {
    readonly name: EvidenceName;
    readonly field: string;
    readonly value: unknown;
};
