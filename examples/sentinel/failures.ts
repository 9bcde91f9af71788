/** Whether another attempt can succeed as things are (`retry`), or the identity needs a change first (`access`). */
export interface Failure {
    readonly kind: "retry" | "access";
    readonly message: string;
}

/** The properties of the errors of `@azure/identity` and `@azure/monitor-ingestion` that are read here. */
interface AzureError {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly statusCode?: unknown;
    readonly message?: unknown;
    readonly errors?: unknown;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const signInCauses: readonly (readonly [codes: readonly number[], advice: string])[] = [
    [[50173, 70008, 70043, 700082, 700084, 50078, 50076, 50079], "The sign-in has expired. Sign in again: `az login`."],
    [[7000222], "The client secret has expired. Create a new one, or better, use a federated credential."],
    [[7000215], "The client secret is wrong."],
    [[700016], "The tenant has no application with this client id."],
    [[90002, 900023], "The tenant id is wrong."],
    [[700024, 700021], "The pipeline's token for Entra has expired. Sign in right before sending."],
    [[70021, 700211, 700212, 700213], "No federated credential of the application matches this pipeline."],
    [[500011], "The tenant does not know Azure Monitor. Compare the endpoint's cloud with the tenant's."],
];

const roleAdvice =
    "The identity needs the role Monitoring Metrics Publisher on the data collection rule: set senderObjectId to the " +
    "object id of its service principal, and run `pulumi up`. A new role takes up to 30 minutes.";

/** What each status means here, and what to do. */
const statusCauses: Readonly<Record<number, Failure>> = {
    400: {
        kind: "access",
        message: "The rule does not take these rows. Compare LOGS_INGESTION_STREAM with streamName.",
    },
    401: { kind: "access", message: "The API refuses the token. Sign in to the tenant of the workspace." },
    403: { kind: "access", message: roleAdvice },
    404: {
        kind: "access",
        message:
            "The endpoint does not know the rule or the stream. Compare LOGS_INGESTION_RULE_ID and " +
            "LOGS_INGESTION_STREAM with the stack outputs.",
    },
    413: { kind: "access", message: "The API takes no batch of this size." },
    429: { kind: "retry", message: "The API still limits the rate after several attempts. Send again later." },
};

/** Why no token could be had. */
export function signInFailure(error: unknown): Failure {
    const found = /AADSTS(\d+)/.exec(textOf(error))?.[1];
    if (found !== undefined) {
        const advice =
            signInCauses.find(([codes]) => codes.includes(Number(found)))?.[1] ??
            `Look the code up: https://login.microsoftonline.com/error?code=${found}.`;
        return { kind: "access", message: `Entra refuses to sign in (AADSTS${found}). ${advice}` };
    }
    if (/expired|az login|AADSTS|Please run/i.test(textOf(error)) || isUnavailable(error)) {
        const message =
            "No credential can sign in. In a pipeline, sign in before sending; on a machine, run `az login`.";
        return { kind: "access", message };
    }
    return { kind: "retry", message: "Entra cannot be reached. Check the network, then send again." };
}

/** Why a batch was not taken. No text of the answer is printed, only the status and the error code. */
export function uploadFailure(error: unknown): Failure {
    const { statusCode, code, name } = error as AzureError;
    if (typeof statusCode === "number") {
        const { kind, message } = statusCauses[statusCode] ?? {
            kind: "retry",
            message: "Send again later.",
        };
        const label = typeof code === "string" && /^[A-Za-z]{1,60}$/.test(code) ? ` ${code}` : "";
        return { kind, message: `The API answered ${statusCode}${label}. ${message}` };
    }
    if (name === "AbortError" || name === "TimeoutError") {
        return { kind: "retry", message: "The API did not take the events in time. Send again later." };
    }
    const label = typeof code === "string" && /^[A-Z_]{1,60}$/.test(code) ? ` (${code})` : "";
    return {
        kind: "retry",
        message: `The endpoint cannot be reached${label}. Compare LOGS_INGESTION_ENDPOINT with ingestionEndpoint, and check the network.`,
    };
}

/** The messages of the error and of those that it collects. They are searched for codes, and never printed. */
function textOf(error: unknown): string {
    const { message, errors } = error as AzureError;
    return [String(message), ...(Array.isArray(errors) ? errors.map(textOf) : [])].join("\n");
}

function isUnavailable(error: unknown): boolean {
    const { name, errors } = error as AzureError;
    return (
        name === "CredentialUnavailableError" ||
        (Array.isArray(errors) && errors.length > 0 && errors.every(isUnavailable))
    );
}
