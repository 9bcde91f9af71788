import test from "ava";
import fc from "fast-check";
import { type FailedAttempt, pauseBeforeRetry } from "../../provider/api/retry.ts";
import type { DefenderErrorCode } from "../../provider/model/errors.ts";

const failed = (changes: Partial<FailedAttempt> = {}): FailedAttempt => ({
    method: "GET",
    code: "ERR_DEFENDER_SERVER",
    status: 503,
    hasServer: true,
    failures: 1,
    refusals: 0,
    ...changes,
});

test("a read is tried four times, with growing pauses that chance makes shorter", (t) => {
    const schedule = (random: number) => [1, 2, 3, 4].map((failures) => pauseBeforeRetry(failed({ failures }), random));
    t.deepEqual(schedule(1), [1_000, 2_000, 4_000, undefined]);
    t.deepEqual(schedule(0), [500, 1_000, 2_000, undefined]);
});

test("pauses are bounded, whatever happened", (t) => {
    const codes = fc.constantFrom<DefenderErrorCode>(
        "ERR_DEFENDER_NETWORK",
        "ERR_DEFENDER_SERVER",
        "ERR_DEFENDER_RESPONSE",
        "ERR_DEFENDER_THROTTLED",
        "ERR_DEFENDER_REFUSED",
        "ERR_DEFENDER_FORBIDDEN",
    );
    fc.assert(
        fc.property(
            fc.constantFrom("GET", "POST"),
            codes,
            fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
            fc.boolean(),
            fc.integer({ min: 1, max: 100 }),
            fc.nat(100),
            fc.double({ min: 0, max: 1, noNaN: true }),
            (method, code, status, hasServer, failures, refusals, random) => {
                const pause = pauseBeforeRetry({ method, code, status, hasServer, failures, refusals }, random);
                const isOver = failures >= 4 && code !== "ERR_DEFENDER_THROTTLED";
                return pause === undefined || (!isOver && pause >= 0 && pause <= 10_000);
            },
        ),
    );
    t.pass();
});

test("a cancel request is repeated after a refusal by the quota alone", (t) => {
    for (const code of ["ERR_DEFENDER_NETWORK", "ERR_DEFENDER_SERVER", "ERR_DEFENDER_RESPONSE"] as const) {
        t.is(pauseBeforeRetry(failed({ method: "POST", code }), 0), undefined);
    }
    const refused = failed({ method: "POST", code: "ERR_DEFENDER_THROTTLED", status: 429, failures: 0, refusals: 1 });
    t.is(pauseBeforeRetry(refused, 1), 0);
    t.is(pauseBeforeRetry({ ...refused, refusals: 11 }, 1), undefined);
});

test("a refusal of the request itself, a redirect and a missing action are not repeated, nor a read where no server runs", (t) => {
    for (const changes of [
        { code: "ERR_DEFENDER_REFUSED", status: 400 },
        { code: "ERR_DEFENDER_FORBIDDEN", status: 403 },
        { code: "ERR_DEFENDER_UNAUTHORIZED", status: 401 },
        { code: "ERR_DEFENDER_NOT_FOUND", status: 404 },
        { code: "ERR_DEFENDER_RESPONSE", status: 302 },
        { code: "ERR_DEFENDER_RESPONSE", status: 404 },
        { code: "ERR_DEFENDER_THROTTLED", status: undefined },
        { code: "ERR_DEFENDER_NETWORK", status: undefined, hasServer: false },
    ] as const) {
        t.is(pauseBeforeRetry(failed(changes), 0.5), undefined, changes.code);
    }
    t.truthy(pauseBeforeRetry(failed({ code: "ERR_DEFENDER_RESPONSE", status: 200 }), 0.5));
});
