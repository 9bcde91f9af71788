import type { AppRegistration, GrantForm } from "./app-registration.ts";
import { isOwnAssertion, parseAssertion, verifyFederatedAssertion, verifyOwnAssertion } from "./client-assertion.ts";
import { missingParameter, SignInError } from "./sign-in-error.ts";

/** A form that requests a token, and the address to which it was sent. */
export interface TokenRequest {
    form: URLSearchParams;
    /** As the path names it. */
    tenantId: string;
    /** Scheme, host and tenant, as the request names them. */
    authority: string;
}

/** The data against which the sign-in checks a request. */
export interface Directory {
    apps: readonly AppRegistration[];
    /** The resources for which tokens can be requested. */
    resources: readonly string[];
    now: () => number;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const suffix = "/.default";

/** Throws unless the directory has applications of that tenant. */
function requireTenant({ apps }: Directory, tenantId: string): void {
    if (!apps.some((app) => app.tenantId.toLowerCase() === tenantId.toLowerCase())) {
        throw new SignInError(
            "invalid_request",
            90002,
            `Tenant '${tenantId}' not found. Check to make sure you have the correct tenant ID and are signing into ` +
                "the correct cloud. Check with your subscription administrator, this may happen if there are no " +
                "active subscriptions for the tenant.",
        );
    }
}

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
    { form, tenantId, authority }: TokenRequest,
    directory: Directory,
): Promise<{ app: AppRegistration; resource: string }> {
    const grantType = required(form, "grant_type");
    requireTenant(directory, tenantId);
    if (grantType !== "client_credentials") {
        const message = `The app requested an unsupported grant type '${grantType}'.`;
        throw new SignInError("unsupported_grant_type", 70003, message);
    }
    const app = findApp(directory, tenantId, required(form, "client_id"));
    await requireProof(form, app, authority, directory.now());
    return { app, resource: resourceOf(required(form, "scope"), directory) };
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

async function requireProof(
    form: URLSearchParams,
    app: AppRegistration,
    authority: string,
    now: number,
): Promise<void> {
    const secret = form.get("client_secret");
    const text = form.get("client_assertion");
    if (text !== null && form.get("client_assertion_type") === assertionType) {
        const assertion = parseAssertion(text);
        if (isOwnAssertion(assertion, app.clientId)) {
            const audiences = [`${authority}/oauth2/v2.0/token`, `${authority}/v2.0`];
            await verifyOwnAssertion(assertion, app, audiences, now);
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

function resourceOf(scope: string, { resources }: Directory): string {
    if (!scope.endsWith(suffix) || scope.includes(" ")) {
        throw new SignInError(
            "invalid_scope",
            1002012,
            `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
                `${suffix} suffixed to the resource identifier (application ID URI).`,
        );
    }
    const resource = scope.slice(0, -suffix.length);
    if (!resources.includes(resource)) {
        throw new SignInError(
            "invalid_resource",
            500011,
            `The resource principal named ${resource} was not found in the tenant. This can happen if the application ` +
                "has not been installed by the administrator of the tenant or consented to by any user in the tenant. " +
                "You might have sent your authentication request to the wrong tenant.",
        );
    }
    return resource;
}
