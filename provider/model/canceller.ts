import { foldText } from "../text/sanitize.ts";
import { isGuid } from "./machine-action.ts";

/**
 * The names under which Defender may show one identity as the canceller of an action. Which of them it uses for an
 * application is not documented: the app id, the object id and the display name are possible.
 */
export interface CancellerNames {
    /** The app registration. */
    readonly appId?: string | undefined;
    /** The service principal or user in its tenant. */
    readonly objectId?: string | undefined;
    /** The user principal name, where a user signed in. */
    readonly userName?: string | undefined;
    /** Whether the token belongs to a user. */
    readonly isUser?: boolean | undefined;
    /** The names that Defender has shown for proven cancel requests of this identity. */
    readonly observed?: readonly string[] | undefined;
}

/** Whether an identity cancelled an action, as far as the shown canceller tells. */
export type CancelledBy = "us" | "another" | "unknown";

/**
 * Whether the shown canceller is this identity. Only this function compares cancellers, and no proof depends on its
 * result.
 *
 * The canceller is certainly another identity in three cases: Defender has shown this identity under another name; the
 * canceller is a GUID, and both GUIDs of this identity are known and differ from it; or the canceller is the name of a
 * user, and this identity is an application or a user with another name.
 */
export function cancelledBy(canceller: string | undefined, own: CancellerNames): CancelledBy {
    const shown = foldText(canceller ?? "");
    if (shown === "") {
        return "unknown";
    }
    const { appId, objectId, userName, isUser = userName !== undefined, observed = [] } = own;
    if (isOneOf(canceller, [appId, objectId, userName, ...observed])) {
        return "us";
    }
    const hasGuids = appId !== undefined && objectId !== undefined;
    const isForeign = isGuid(shown) ? hasGuids : shown.includes("@") && (!isUser || userName !== undefined);
    return isForeign || observed.length > 0 ? "another" : "unknown";
}

/** Whether the shown canceller is one of these names, without regard to case. */
export function isOneOf(canceller: string | undefined, names: Iterable<string | undefined>): boolean {
    const shown = foldText(canceller ?? "");
    return shown !== "" && [...names].some((name) => name !== undefined && foldText(name) === shown);
}
