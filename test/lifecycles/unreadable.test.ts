import test from "ava";
import {
    couldNotRead,
    createUnreadRecords,
    explainAfterRefresh,
    isKnownRecord,
    noteUnread,
} from "../../provider/lifecycles/unreadable.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import type { Fault } from "../../simulator/index.ts";
import { cancellationFace, setFace } from "../helpers/dynamic-face.ts";
import { initFailure, unhealthy } from "../helpers/engine-wire.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { __provider, id, onStage, type Stage } from "../helpers/stage.ts";

const answer = (status: number, body = "", headers = {}): Fault => ({
    ...{ name: "answer", when: "before", status, body },
    headers: { "content-type": "application/json", ...headers },
});

const causes: readonly (readonly [string, Fault, string])[] = [
    ["401", "401", "UNAUTHORIZED"],
    ["403", answer(403, '{"error":{"code":"Forbidden"}}'), "FORBIDDEN"],
    ["500", "500 before", "SERVER"],
    ["a dropped connection", "drop before", "NETWORK"],
    ["HTML", answer(200, "<html></html>", { "content-type": "text/html" }), "RESPONSE"],
    ["half a body", "cut JSON", "RESPONSE"],
    ["another action", answer(200, '{"id":"00000000-0000-4000-8000-000000000001","status":"Cancelled"}'), "RESPONSE"],
    ["a redirect", answer(302, "", { location: "https://elsewhere.example/" }), "RESPONSE"],
    ["a pause of an hour", { name: "429", retryAfterSeconds: 3_600 }, "THROTTLED"],
    ["400", answer(400, '{"error":{"code":"BadRequest"}}'), "REFUSED"],
];

const created = async ({ lifecycle, inputs }: Stage) => ({
    __provider,
    ...(await lifecycle.create(await inputs())).outs,
});

for (const [name, fault, code] of causes) {
    test(`a known record that answers with ${name} stays as it is, and is read again by the update`, async (t) => {
        let isFailing = false;
        const faults = ({ operation }: { operation: string }) =>
            isFailing && operation !== "cancel" ? fault : undefined;
        await onStage(
            [{ id }],
            async (stage) => {
                const { lifecycle, inputs, posts } = stage;
                const stored = await created(stage);
                const news = await inputs();
                isFailing = true;
                const kept = await unhealthy(lifecycle.read(id, stored));
                t.is(kept?.id, id);
                t.deepEqual(kept?.outputs, JSON.parse(JSON.stringify(stored)));
                t.deepEqual(kept?.inputs, {
                    ...{ __provider, comment: "INC-4711", declaredBy: "p/s/n", machineActionId: id },
                    desiredStatus: `not readable: ERR_DEFENDER_${code}`,
                });
                t.regex(
                    kept?.initErrors[0] ?? "",
                    new RegExp(
                        `^ERR_DEFENDER_${code}: machine action ${id} \\(Isolate on .*\\) could not be read: .*Its record in state is unchanged\\. The next refresh reads it again${/UNAUTHORIZED|FORBIDDEN/.test(code) ? "; without --run-program, with the stack config of the last update" : ""}(?: \\(tracking id \\S+\\))?$`,
                    ),
                );
                // The refresh is a change, though neither inputs nor outputs tell it.
                t.like(await lifecycle.diff(id, stored, news), { changes: true, replaces: [] });
                const failure = await t.throwsAsync<Error & { id?: string }>(lifecycle.update(id, stored, news));
                t.regex(
                    failure?.message ?? "",
                    new RegExp(
                        `^ERR_DEFENDER_${code}: .*could not be read: .*Its record in state is unchanged\\. Remove the cause, then run \`pulumi up --refresh --run-program --continue-on-error\``,
                    ),
                );
                t.notRegex(failure?.message ?? "", /config of the last update/);
                t.is(failure?.id, undefined, "the engine keeps the state that it has");
                t.is(failure?.stack, "");
                isFailing = false;
                stage.clock.advance(3_600_000);
                t.deepEqual((await lifecycle.update(id, stored, news)).outs, JSON.parse(JSON.stringify(stored)));
                t.false((await lifecycle.diff(id, stored, news)).changes);
                t.is(posts(), 1);
            },
            { faults },
        );
    });
}

test("a 404 of a record that was never proven proves nothing, and loses nothing", async (t) => {
    await onStage([], async ({ lifecycle, inputs, simulator }) => {
        const stored = { ...(await inputs()), status: "Pending", type: "Isolate" };
        const kept = await unhealthy(lifecycle.read(id, stored));
        t.deepEqual(kept?.outputs, stored);
        t.is(kept?.inputs.desiredStatus, "not readable: ERR_DEFENDER_NOT_FOUND");
        t.true(simulator.requests.length > 0);
    });
});

const failures: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
    ["a wrong setting", { DEFENDER_ACCESS_TOKEN: "a-token", DEFENDER_CLOUD: "moon" }, "CONFIGURATION"],
    [
        "a guard without an absolute path",
        { DEFENDER_ACCESS_TOKEN: "a-token", DEFENDER_GUARD: "guard.yaml" },
        "CONFIGURATION",
    ],
];
for (const [name, environment, code] of failures) {
    test(`with ${name} known records stay, one alone and a whole set`, async (t) => {
        const refuse = () => {
            readSettings(() => undefined, environment);
            throw new Error("the settings are not refused");
        };
        const single = cancellationFace(refuse, () => {});
        const stored = {
            __provider,
            machineActionId: id,
            comment: "INC-4711",
            desiredStatus: "Cancelled",
            status: "Cancelled",
        };
        const one = await unhealthy(single.read(id, stored));
        t.deepEqual(one?.outputs, stored);
        t.is(one?.inputs.desiredStatus, `not readable: ERR_DEFENDER_${code}`);
        await t.throwsAsync(single.update(id, stored, stored), { message: new RegExp(`^ERR_DEFENDER_${code}`) });

        const set = setFace(refuse, () => {});
        const whole = {
            __provider,
            comment: "INC-4711",
            desiredStatus: "Cancelled",
            results: { [id]: { status: "Cancelled", at: 0 } },
        };
        const all = await unhealthy(set.read("set-1", whole));
        t.deepEqual(all?.outputs, whole);
        t.like(all?.inputs, {
            desiredStatus: `not readable: ERR_DEFENDER_${code}`,
            cancellations: [{ machineActionId: id }],
            comment: "INC-4711",
        });
        t.regex(all?.initErrors[0] ?? "", new RegExp(`^ERR_DEFENDER_${code}: the set set-1 could not be read: `));
        const news = {
            __provider,
            comment: "INC-4711",
            cancellations: [{ machineActionId: id }],
            desiredStatus: "Cancelled",
        };
        t.true((await set.diff("set-1", whole, news)).changes);
        await t.throwsAsync(set.update("set-1", whole, news), { message: new RegExp(`^ERR_DEFENDER_${code}`) });
    });
}

test("the credential of another tenant leaves the record as it is", async (t) => {
    const { tokenOf } = await import("../helpers/stage.ts");
    await onStage(
        [],
        async ({ lifecycle, inputs }) => {
            const evidence = {
                commentSent: "",
                digest: "00",
                posts: 1,
                apiHost: "x",
                packageVersion: "1",
                tenantId: "contoso",
                proofSha256: "00",
            };
            const stored = {
                ...(await inputs()),
                status: "Cancelled",
                outcome: "cancelled",
                confirmedAtUtc: "2026-05-05T07:00:00Z",
                evidence,
            };
            const kept = await unhealthy(lifecycle.read(id, stored));
            t.deepEqual(kept?.outputs, stored);
            t.is(kept?.inputs.desiredStatus, "not readable: ERR_DEFENDER_CONFIGURATION");
        },
        { token: tokenOf("an-app", "fabrikam") },
    );
});

test("another process knows it by the stored inputs, beside an edit too, or by an update without a difference", async (t) => {
    let isFailing = false;
    const faults = () => (isFailing ? ("503 before" as const) : undefined);
    await onStage(
        [{ id }],
        async (stage) => {
            const { lifecycle, inputs } = stage;
            const stored = await created(stage);
            isFailing = true;
            // Nothing was noted: the engine calls update for the reasons alone.
            await t.throwsAsync(lifecycle.update(id, stored, await inputs()), { message: /^ERR_DEFENDER_SERVER/ });
            // An edit alone trusts what was proven, without a request.
            const edited = await inputs({ comment: "INC-4712" });
            await lifecycle.update(id, stored, edited);
            const olds = { ...(await inputs()), desiredStatus: "not readable: ERR_DEFENDER_SERVER" };
            const { inputs: checked } = await lifecycle.check(olds, edited);
            t.deepEqual(checked, edited);
            t.true((await lifecycle.diff(id, stored, edited)).changes);
            await t.throwsAsync(lifecycle.update(id, stored, edited), { message: /^ERR_DEFENDER_SERVER/ });
        },
        { faults },
    );
});

/** A record whose refresh failed, and an API that answers again. */
async function afterFailedRefresh(work: (stage: Stage, stored: Properties) => Promise<void>): Promise<void> {
    let isFailing = false;
    const faults = () => (isFailing ? ("503 before" as const) : undefined);
    await onStage(
        [{ id }],
        async (stage) => {
            const stored = await created(stage);
            isFailing = true;
            await unhealthy(stage.lifecycle.read(id, stored));
            isFailing = false;
            await work(stage, stored);
        },
        { faults },
    );
}

test("drift that the second reading finds is cancelled again", async (t) => {
    await afterFailedRefresh(async ({ lifecycle, inputs, simulator, posts }, stored) => {
        simulator.resume(id);
        const { outs } = await lifecycle.update(id, stored, await inputs());
        t.like(outs, { status: "Cancelled", outcome: "cancelled" });
        t.is(posts(), 2);
    });
});

test("a re-issue that the second reading finds fails the update, and is stored with that failure", async (t) => {
    await afterFailedRefresh(async ({ lifecycle, inputs, simulator, posts }, stored) => {
        const again = simulator.reissue(id).id;
        const failure = await t.throwsAsync<Error & { properties?: Properties }>(
            lifecycle.update(id, stored, await inputs()),
            { message: /^ERR_DEFENDER_REISSUED/ },
        );
        t.like(failure?.properties, { reissues: [{ id: again, status: "Pending" }], outcome: "cancelled" });
        t.is(posts(), 1);
    });
});

test("an interrupted refresh says nothing of the record", async (t) => {
    const stop = new AbortController();
    const faults = () => (stop.signal.aborted ? ("503 before" as const) : undefined);
    await onStage(
        [{ id, behaviour: "never-final" }],
        async ({ lifecycle, inputs }) => {
            const stored = { ...(await inputs()), status: "Pending", requestedAtUtc: "2026-05-05T07:00:00Z" };
            stop.abort();
            const failure = await t.throwsAsync(lifecycle.read(id, stored));
            t.is(initFailure(failure), undefined);
        },
        { faults: () => faults(), stop: stop.signal },
    );
});

test("the first reading of an action fails where it cannot be read", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle }) => {
            const args = { __provider, machineActionId: id, comment: "", declaredBy: "p/s/n" };
            const failure = await t.throwsAsync(lifecycle.read(id, args), { message: /^ERR_DEFENDER_FORBIDDEN/ });
            t.is(initFailure(failure), undefined);
            t.false(isKnownRecord(args));
            t.true(isKnownRecord({ ...args, status: "Cancelled" }));
        },
        { faults: () => answer(403) },
    );
});

test("a watched record shows it among its outputs, and no longer when it is read", async (t) => {
    let isFailing = false;
    const faults = () => (isFailing ? answer(403) : undefined);
    await onStage(
        [{ id, status: "Cancelled" }],
        async ({ lifecycle }) => {
            const args = { __provider, machineActionId: id, comment: "", declaredBy: "p/s/n" };
            const props = { __provider, ...(await lifecycle.read(id, args)).props };
            isFailing = true;
            const kept = await unhealthy(lifecycle.read(id, props));
            t.deepEqual(kept?.outputs, { ...props, desiredStatus: "not readable: ERR_DEFENDER_FORBIDDEN" });
            isFailing = false;
            t.deepEqual((await lifecycle.read(id, kept?.outputs ?? {})).props, props);
        },
        { faults },
    );
});

test("a state that was edited is answered as it is, whatever its form", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        const sound = { ...(await inputs()), status: "Cancelled" };
        const states = [
            [id, { ...sound, reissues: "none" }],
            [id, { ...sound, status: 5 }],
            ["../machines", sound],
        ] as const;
        for (const [storedId, stored] of states) {
            const kept = await unhealthy(lifecycle.read(storedId, stored));
            t.is(kept?.id, storedId);
            t.deepEqual(kept?.outputs, JSON.parse(JSON.stringify(stored)));
            t.is(kept?.inputs.desiredStatus, "not readable: ERR_DEFENDER_STATE");
            t.regex(kept?.initErrors[0] ?? "", /^ERR_DEFENDER_STATE: the state of machine action .* cannot be used: /);
        }
        t.deepEqual(simulator.requests, []);
    });
});

test("a record too large for a failure is answered whole, with its reasons on the stack", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle, inputs, said }) => {
            const stored = { ...(await inputs()), status: "Cancelled", requestorComment: "x".repeat(8_000_001) };
            const { props, inputs: shown } = await lifecycle.read(id, stored);
            t.deepEqual(props, stored);
            t.is(shown.desiredStatus, "not readable: ERR_DEFENDER_FORBIDDEN");
            t.regex(said.join(), /ERR_DEFENDER_FORBIDDEN: machine action \S+ .*could not be read/);
            t.true((await lifecycle.diff(id, stored, await inputs())).changes);
        },
        { faults: () => answer(403) },
    );
});

test("many records find one outage out once, and are read again when it may be over", async (t) => {
    const clock = recordedClock();
    const ids = Array.from({ length: 30 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
    let isDown = false;
    await onStage(
        ids.map((one) => ({ id: one, status: "Cancelled" as const })),
        async ({ lifecycle, inputs, simulator }) => {
            const stored = new Map<string, Readonly<Record<string, unknown>>>();
            for (const one of ids) {
                stored.set(one, (await lifecycle.create(await inputs({ machineActionId: one }))).outs);
            }
            const read = (one: string) => lifecycle.read(one, stored.get(one) ?? {});
            isDown = true;
            simulator.clearRequests();
            for (let first = 0; first < ids.length; first += 8) {
                const some = ids.slice(first, first + 8);
                const kept = await Promise.all(some.map((one) => unhealthy(read(one))));
                t.true(kept.every((one) => one?.inputs.desiredStatus === "not readable: ERR_DEFENDER_SERVER"));
            }
            t.true(simulator.requests.length <= 20, `${simulator.requests.length} requests`);
            clock.advance(15_000);
            isDown = false;
            t.is((await read(ids[9] ?? "")).inputs.desiredStatus, "Cancelled");
            t.is((await read(ids[10] ?? "")).inputs.desiredStatus, "Cancelled");
        },
        { clock, faults: () => (isDown ? "503 before" : undefined) },
    );
});

test("stored inputs name what could not be read: one cancellation, a whole set, or some entries", (t) => {
    const noted = (inputs: Readonly<Record<string, unknown>>, other: string) => {
        const unread = createUnreadRecords();
        noteUnread(unread, { declaredBy: "p/s/n", ...inputs });
        return unread.has("p/s/n", other);
    };
    const desiredStatus = "not readable: ERR_DEFENDER_SERVER";
    t.true(noted({ desiredStatus, machineActionId: id.toUpperCase() }, id));
    t.true(noted({ desiredStatus, cancellations: [{ machineActionId: id }, "edited"] }, id));
    t.true(noted({ deviations: { [id]: desiredStatus, other: "InProgress" } }, id));
    t.false(noted({ deviations: { [id]: "InProgress" }, desiredStatus: "Cancelled" }, id));
    t.false(noted({ deviations: "edited", cancellations: 5 }, id));
});

const step = (kind: "refresh" | "update") => ({ kind, shownCauses: new Set<string>() });

test("what is thrown without a code is told as an answer that cannot be used", (t) => {
    const failure = couldNotRead(new Error("Cannot find module"), "the set set-1", step("refresh"));
    t.is(failure.code, "ERR_DEFENDER_RESPONSE");
    t.regex(failure.message, /^the set set-1 could not be read: Cannot find module\. Its record in state is unchanged/);
    const state = new DefenderError("ERR_DEFENDER_STATE", "the state cannot be used");
    t.is(couldNotRead(state, "it", step("update")), state);
});

test("an update names a cause that the refresh has shown by its code, and says what to do next", (t) => {
    const shownCauses = new Set<string>();
    const down = (reason: string) => new DefenderError("ERR_DEFENDER_NETWORK", `GET x got ${reason}`, { reason });
    const during = (kind: "refresh" | "update", reason: string) =>
        couldNotRead(down(reason), "it", { kind, shownCauses });
    const next = "Remove the cause, then run `pulumi up --refresh --run-program --continue-on-error`";
    t.is(during("update", "no answer").reason, `no answer. ${next}`);
    t.is(explainAfterRefresh(down("no answer"), shownCauses), undefined);
    t.is(during("refresh", "no answer").reason, "no answer. The next refresh reads it again");
    t.is(during("update", "no answer").reason, `see the refresh. ${next}`);
    t.is(during("update", "another").reason, `another. ${next}`);
    t.is(explainAfterRefresh(down("no answer"), shownCauses), "ERR_DEFENDER_NETWORK, see the refresh");
});
