import type { AppRegistration } from "../sign-in/app-registration.ts";
import { sanitize } from "./lines.ts";

/** The applications that may sign in, each with its ids, in two lines; without their secrets. */
export function appTable(apps: readonly AppRegistration[]): string {
    const lines = apps.map(({ displayName = "", clientId, tenantId, roles, ...proof }) => {
        const ways = [
            ...(proof.clientSecret === undefined ? [] : ["secret"]),
            ...(proof.certificate === undefined ? [] : ["certificate"]),
            ...(proof.federated === undefined ? [] : ["federated identity"]),
        ];
        const held = roles.length === 0 ? "no roles" : roles.join(", ");
        return `  ${sanitize(displayName)}: ${held}\n    ${clientId} in tenant ${tenantId}, by ${ways.join(", ")}`;
    });
    return `Applications that may sign in:\n${lines.join("\n")}`;
}
