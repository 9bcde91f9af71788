import type { Observation } from "../../../provider/api/defender-client.ts";
import { isNotFound } from "../../../provider/cancel/cancel-failures.ts";
import { isGuid } from "../../../provider/model/machine-action.ts";
import type { Session } from "../../../provider/session/session.ts";
import { type CancellationEntry, declaredBy, isSet } from "../../state/records.ts";
import type { Place } from "./evidence-checks.ts";
import { collectFindings, type Finding } from "./finding.ts";
import { verifyAction } from "./verify-action.ts";
import { verifyDeclaration, verifySingle } from "./verify-resource.ts";
import { verifySet } from "./verify-set.ts";

/** Reads every action again, and compares the state with the answers. Sends no cancel request. */
export async function verifyState(entries: readonly CancellationEntry[], session: Session): Promise<Finding[]> {
    const observations = await readAll(entries, session);
    const { apiHost, tenantId } = await session.identify();
    return compareState(entries, observations, { apiHost, tenantId, own: await session.ownNames.known() });
}

/** Compares the state with observations, without a request. */
function compareState(
    entries: readonly CancellationEntry[],
    observations: ReadonlyMap<string, Observation>,
    place: Place,
): Finding[] {
    const groups = Map.groupBy(entries, ({ resource }) => resource);
    return [...groups].flatMap(([resource, some]) => {
        const findings = collectFindings(declaredBy(resource));
        verifyDeclaration(resource, findings);
        if (isSet(resource)) {
            verifySet(resource, observations, place, findings);
        } else {
            verifySingle(resource, place, findings);
        }
        return [
            ...findings.all,
            ...some.flatMap((entry) => verifyAction(entry, observations.get(entry.machineActionId), place)),
        ];
    });
}

async function readAll(
    entries: readonly CancellationEntry[],
    { observer }: Session,
): Promise<ReadonlyMap<string, Observation>> {
    const ids = new Set(entries.map(({ machineActionId }) => machineActionId).filter(isGuid));
    const found = await Promise.all(
        [...ids].map(async (id) => {
            try {
                return [[id, await observer.read(id)] as const];
            } catch (error) {
                if (isNotFound(error)) {
                    return [];
                }
                throw error;
            }
        }),
    );
    return new Map(found.flat());
}
