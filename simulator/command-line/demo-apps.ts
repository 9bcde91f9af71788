import { randomBytes, randomUUID } from "node:crypto";
import type { AppRegistration } from "../sign-in/app-registration.ts";

/** An application to register; ids and a secret that are missing are made up. */
export interface NamedApp extends Omit<AppRegistration, "displayName" | "tenantId" | "clientId"> {
    /** Its display name, the requestor of actions that it submits. */
    name: string;
    tenantId?: string;
    clientId?: string;
}

interface DemoApp extends AppRegistration {
    displayName: string;
    /** The beginnings of its environment variables. */
    prefixes: string[];
}

/** The applications of a simulator with a sign-in, and the environment variables that name them. */
export interface DemoApps {
    /** The canceller is the first one. */
    apps: readonly DemoApp[];
    environment: Readonly<Record<string, string>>;
}

const canceller: NamedApp = { name: "Incident rescue", roles: ["Machine.Read.All", "Machine.Isolate"] };
const reader: NamedApp = { name: "Incident reader", roles: ["Machine.Read.All"] };

/** The beginning of the environment variables of an application, such as `SOAR_WEST` for SOAR (west). */
export function variablePrefix(name: string): string {
    const words = name
        .normalize("NFKD")
        .toUpperCase()
        .replaceAll(/\p{M}/gu, "")
        .match(/[A-Z0-9]+/g);
    const prefix = (words ?? []).join("_");
    return /^\d/.test(prefix) ? `_${prefix}` : prefix;
}

/**
 * Registers a canceller, a reader and the given applications. A given one that has the name of the canceller or of the
 * reader, or is called Canceller or Reader, takes its place. All are in one tenant, unless they name another.
 */
export function registerApps(given: readonly NamedApp[]): DemoApps {
    const tenantId = given.find((app) => app.tenantId !== undefined)?.tenantId ?? randomUUID();
    const rest = given.map((app) => registration(app, tenantId, [variablePrefix(app.name)]));
    const [cancels, reads] = [
        { app: canceller, prefix: "CANCELLER" },
        { app: reader, prefix: "READER" },
    ].map(({ app, prefix }) => {
        const own = [prefix, variablePrefix(app.name)];
        const found = own.map((name) => rest.find(({ prefixes }) => prefixes.includes(name))).find((one) => one);
        found?.prefixes.push(...(found.prefixes.includes(prefix) ? [] : [prefix]));
        return found ?? registration(app, tenantId, [prefix]);
    }) as [DemoApp, DemoApp];
    const apps = [...new Set([cancels, reads, ...rest])];
    const defender = { DEFENDER_TENANT_ID: cancels.tenantId, ...variables(cancels, "DEFENDER", cancels.tenantId) };
    const others = [reads, cancels, ...rest].flatMap((app) =>
        app.prefixes.map((prefix) => variables(app, prefix, cancels.tenantId)),
    );
    return { apps, environment: Object.assign(defender, ...others) };
}

function registration({ name, ...app }: NamedApp, tenantId: string, prefixes: string[]): DemoApp {
    const needsSecret = app.certificate === undefined && app.federated === undefined;
    return {
        tenantId,
        clientId: randomUUID(),
        ...(needsSecret ? { clientSecret: randomBytes(24).toString("base64url") } : {}),
        ...app,
        displayName: name,
        prefixes,
    };
}

function variables(app: DemoApp, prefix: string, usualTenantId: string): Record<string, string> {
    const { tenantId, clientId, clientSecret } = app;
    return {
        ...(tenantId === usualTenantId ? {} : { [`${prefix}_TENANT_ID`]: tenantId }),
        [`${prefix}_CLIENT_ID`]: clientId,
        ...(clientSecret === undefined ? {} : { [`${prefix}_CLIENT_SECRET`]: clientSecret }),
    };
}
