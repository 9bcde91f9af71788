import type { AppRegistration, GrantForm } from "./app-registration.ts";
import { isOwnAssertion, parseAssertion, verifyFederatedAssertion, verifyOwnAssertion } from "./client-assertion.ts";
import { fields } from "./client-form.ts";
import { type FindResource, type Resource, resourceOfNone } from "./resources.ts";
import { missingParameter, SignInError } from "./sign-in-error.ts";
import { findTenant } from "./tenant.ts";

/** The two endpoints of Entra: v1 takes the name of a resource, v2 a scope of it. */
export type EndpointVersion = "v1" | "v2";

/** A form that requests a token, and the address to which it was sent. */
export interface TokenRequest {
    version: EndpointVersion;
    form: URLSearchParams;
    /** As the path names it: its id, or its domain. */
    tenant: string;
    /** Scheme, host and port, as the request names them. */
    origin: string;
}

/** The data against which the sign-in checks a request. */
export interface Directory {
    apps: readonly AppRegistration[];
    findResource: FindResource;
    now: () => number;
    /** The clock of the clients, by which they date their assertions. It differs from `now` when time stands still. */
    clientNow: () => number;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const suffix = "/.default";

/** The kind of credential in the form. */
export function grantOf(form: URLSearchParams): GrantForm {
    if (form.has("client_assertion")) {
        const clientId = form.get("client_id") ?? "";
        try {
            const own = isOwnAssertion(parseAssertion(form.get("client_assertion") ?? ""), clientId);
            return own ? "client certificate" : "federated identity";
        } catch {
            return "federated identity";
        }
    }
    return form.has("client_secret") ? "client secret" : "none";
}

/** The application and the resource that a token is issued for; throws Entra's error answer when it is refused. */
export async function judge(
    request: TokenRequest,
    directory: Directory,
): Promise<{ app: AppRegistration; resource: Resource }> {
    const { version, form, tenant } = request;
    const repeated = fields.find((name) => form.getAll(name).length > 1);
    if (repeated !== undefined) {
        const message = `The request is not properly formatted. The parameter '${repeated}' is duplicated.`;
        throw new SignInError("invalid_request", 9000411, message);
    }
    const grantType = required(form, "grant_type");
    const tenantId = findTenant(directory.apps, tenant);
    if (grantType !== "client_credentials") {
        const message = `The app requested an unsupported grant type '${grantType}'.`;
        throw new SignInError("unsupported_grant_type", 70003, message);
    }
    if (version === "v2" && form.has("resource")) {
        throw new SignInError("invalid_request", 901002, "The 'resource' request parameter is not supported.");
    }
    const app = findApp(directory, tenantId, required(form, "client_id"));
    await requireProof(request, app, directory.clientNow());
    const name = version === "v1" ? form.get("resource") || resourceOfNone : resourceOfScope(required(form, "scope"));
    return { app, resource: requireResource(name, directory) };
}

function required(form: URLSearchParams, name: string): string {
    const value = form.get(name);
    if (!value) {
        throw missingParameter(name);
    }
    return value;
}

function findApp({ apps }: Directory, tenantId: string, clientId: string): AppRegistration {
    const wanted = `${tenantId}/${clientId}`.toLowerCase();
    const app = apps.find((one) => `${one.tenantId}/${one.clientId}`.toLowerCase() === wanted);
    if (app === undefined) {
        throw new SignInError(
            "unauthorized_client",
            700016,
            `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen ` +
                "if the application has not been installed by the administrator of the tenant or consented to by any " +
                "user in the tenant. You may have sent your authentication request to the wrong tenant.",
        );
    }
    return app;
}

async function requireProof(request: TokenRequest, app: AppRegistration, now: number): Promise<void> {
    const { form } = request;
    const secret = form.get("client_secret");
    const text = form.get("client_assertion");
    if (text !== null && form.get("client_assertion_type") === assertionType) {
        const assertion = parseAssertion(text);
        if (isOwnAssertion(assertion, app.clientId)) {
            await verifyOwnAssertion(assertion, app, audiencesOf(request, app), now);
        } else {
            verifyFederatedAssertion(assertion, app, now);
        }
    } else if (secret === null) {
        throw new SignInError(
            "invalid_client",
            7000216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        );
    } else if (app.clientSecret === undefined || secret !== app.clientSecret) {
        throw new SignInError(
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
                `not the client secret ID, for a secret added to app '${app.clientId}'.`,
        );
    }
}

/** The names of Entra that an assertion of the application may have for its audience. */
function audiencesOf({ tenant, origin }: TokenRequest, { tenantId }: AppRegistration): string[] {
    return [tenant, tenantId].flatMap((name) => {
        const authority = `${origin}/${name}`;
        return ["/oauth2/v2.0/token", "/v2.0", "/oauth2/token", "/", ""].map((path) => `${authority}${path}`);
    });
}

function resourceOfScope(scope: string): string {
    const asked = scope.trim();
    if (!asked.endsWith(suffix) || /\s/.test(asked)) {
        throw new SignInError(
            "invalid_scope",
            1002012,
            `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
                `${suffix} suffixed to the resource identifier (application ID URI).`,
        );
    }
    return asked.slice(0, -suffix.length);
}

function requireResource(name: string, { findResource }: Directory): Resource {
    const resource = findResource(name);
    if (resource === undefined) {
        throw new SignInError(
            "invalid_resource",
            500011,
            `The resource principal named ${name} was not found in the tenant. This can happen if the application ` +
                "has not been installed by the administrator of the tenant or consented to by any user in the tenant. " +
                "You might have sent your authentication request to the wrong tenant.",
        );
    }
    return resource;
}
