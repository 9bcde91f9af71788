import { isGuid } from "../actions/machine-action.ts";
import type { AppRegistration } from "./app-registration.ts";
import { SignInError } from "./sign-in-error.ts";

/** The names of Entra for several tenants at once, in which no application signs in by itself. */
const tenantless = ["common", "organizations", "consumers"];

/** The id of the tenant of that id or domain; undefined if no application is registered there. */
export function tenantIdOf(apps: readonly AppRegistration[], name: string): string | undefined {
    const wanted = name.toLowerCase();
    return apps.find(({ tenantId, tenantDomain }) =>
        [tenantId, tenantDomain].some((own) => own?.toLowerCase() === wanted),
    )?.tenantId;
}

/** The same, but throws Entra's error answer if there is no such tenant. */
export function findTenant(apps: readonly AppRegistration[], name: string): string {
    const tenantId = tenantIdOf(apps, name);
    if (tenantId !== undefined) {
        return tenantId;
    }
    if (tenantless.includes(name.toLowerCase())) {
        const message =
            "No tenant-identifying information found in either the request or implied by any provided credentials.";
        throw new SignInError("invalid_request", 50059, message);
    }
    if (!isGuid(name) && !name.includes(".")) {
        const message = `Specified tenant identifier '${name}' is neither a valid DNS name, nor a valid external domain.`;
        throw new SignInError("invalid_request", 900023, message);
    }
    throw new SignInError(
        "invalid_request",
        90002,
        `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into ` +
            "the correct cloud. Check with your subscription administrator, this may happen if there are no " +
            "active subscriptions for the tenant.",
    );
}
