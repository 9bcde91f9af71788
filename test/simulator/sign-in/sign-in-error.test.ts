import test from "ava";
import { missingParameter, refusalBody, SignInError } from "../../../simulator/sign-in/sign-in-error.ts";
import { idOf, start } from "../client.ts";

test("a refusal is written as Entra writes it", (t) => {
    const error = new SignInError("invalid_client", 7000215, "Invalid client secret provided.");
    const body = refusalBody(error, start, idOf(1)) as Record<string, unknown>;
    const { trace_id: traceId } = body;
    t.regex(String(traceId), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    t.deepEqual(body, {
        error: "invalid_client",
        error_description:
            `AADSTS7000215: Invalid client secret provided. Trace ID: ${traceId} ` +
            `Correlation ID: ${idOf(1)} Timestamp: 2026-05-04 10:00:00Z`,
        error_codes: [7000215],
        timestamp: "2026-05-04 10:00:00Z",
        trace_id: traceId,
        correlation_id: idOf(1),
        error_uri: "https://login.microsoftonline.com/error?code=7000215",
    });
});

test("only what the client failed to prove is a 401", (t) => {
    t.is(new SignInError("invalid_client", 1, "").status, 401);
    t.is(missingParameter("scope").status, 400);
    t.regex(missingParameter("scope").message, /'scope'/);
});
