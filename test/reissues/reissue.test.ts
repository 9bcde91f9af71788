import test from "ava";
import fc from "fast-check";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { mergeReissues, openReissues } from "../../provider/reissues/recorded-reissues.ts";
import { describeReissue, reissuesAmong, type Watched, watchOf } from "../../provider/reissues/reissue.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";

const hour = 3_600_000;
const created = Date.parse("2026-05-05T07:00:00Z");
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;

const watched: Watched = {
    id: guid(0),
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    createdAt: created,
    cancelledAt: created + hour,
    until: created + 73 * hour,
};

const action = (changes: Partial<MachineAction> = {}): MachineAction => ({
    id: guid(1),
    status: "Pending",
    type: "Isolate",
    machineId: watched.machineId,
    requestor: "soar@contoso.example",
    creationDateTimeUtc: utc(created + 2 * hour),
    lastUpdateDateTimeUtc: utc(created + 2 * hour),
    commands: [],
    ...changes,
});

const seen = (changes: Partial<MachineAction>) => reissuesAmong(watched, [action(changes)]).length === 1;

test("a later action of the same type on the same machine is a re-issue, in whatever case it is written", (t) => {
    t.deepEqual(reissuesAmong(watched, [action()]), [
        {
            id: guid(1),
            requestor: "soar@contoso.example",
            creationDateTimeUtc: utc(created + 2 * hour),
            status: "Pending",
        },
    ]);
    t.true(seen({ type: "ISOLATE", machineId: watched.machineId.toUpperCase() }));
});

test("itself, another type, another or an unknown machine, and what is not later is no re-issue", (t) => {
    t.false(seen({ id: watched.id }));
    t.false(seen({ type: "Unisolate" }));
    t.false(seen({ type: undefined }));
    t.false(seen({ machineId: "another" }));
    t.false(seen({ machineId: undefined }));
    t.false(seen({ creationDateTimeUtc: utc(created) }));
    t.false(seen({ creationDateTimeUtc: undefined }));
    t.true(seen({ creationDateTimeUtc: utc(created + 1) }));
});

test("one that was queued before the cancellation counts, unless it was over by then", (t) => {
    const between = { creationDateTimeUtc: utc(created + 1) };
    t.true(seen(between));
    for (const status of ["Cancelled", "Succeeded", "Failed", "TimeOut"]) {
        t.false(seen({ ...between, status, lastUpdateDateTimeUtc: utc(watched.cancelledAt - 1) }), status);
        t.true(seen({ ...between, status, lastUpdateDateTimeUtc: utc(watched.cancelledAt) }), status);
        // Nobody knows when it ended: then it is not passed over.
        t.true(seen({ ...between, status, lastUpdateDateTimeUtc: undefined }), status);
    }
    t.true(seen({ ...between, status: "InProgress", lastUpdateDateTimeUtc: utc(watched.cancelledAt - 1) }));
});

test("what comes after the window is new business", (t) => {
    t.true(seen({ creationDateTimeUtc: utc(watched.until) }));
    t.false(seen({ creationDateTimeUtc: utc(watched.until + 1) }));
});

const actions = fc.array(
    fc.record<MachineAction>({
        id: fc.integer({ min: 0, max: 6 }).map(guid),
        status: fc.constantFrom("Pending", "InProgress", "Cancelled", "Succeeded", "Failed", "TimeOut", "Queued"),
        type: fc.constantFrom("Isolate", "isolate", "Unisolate", undefined),
        machineId: fc.constantFrom(watched.machineId, "another", undefined),
        requestor: fc.constantFrom("soar@contoso.example", undefined),
        creationDateTimeUtc: fc.integer({ min: -2, max: 80 }).map((hours) => utc(created + hours * hour)),
        lastUpdateDateTimeUtc: fc.integer({ min: -2, max: 80 }).map((hours) => utc(created + hours * hour)),
        commands: fc.constant([]),
    }),
);

test("whatever a machine shows: re-issues are the later ones of its kind inside the window, oldest first", (t) => {
    fc.assert(
        fc.property(actions, (all) => {
            const found = reissuesAmong(watched, all);
            const times = found.map(({ creationDateTimeUtc }) => Date.parse(creationDateTimeUtc ?? ""));
            const isOurs = ({ type, machineId }: MachineAction) =>
                type?.toLowerCase() === "isolate" && machineId === watched.machineId;
            return (
                times.every((at) => at > watched.createdAt && at <= watched.until) &&
                times.every((at, nth) => nth === 0 || (times[nth - 1] ?? 0) <= at) &&
                found.every(({ id }) => id !== watched.id && all.some((one) => one.id === id && isOurs(one)))
            );
        }),
    );
    t.pass();
});

test("what is not over on the same machine is never passed over inside the window", (t) => {
    fc.assert(
        fc.property(actions, (all) => {
            const found = new Set(reissuesAmong(watched, all).map(({ id }) => id));
            return all.every(({ id, status, type, machineId, creationDateTimeUtc }) => {
                const at = Date.parse(creationDateTimeUtc ?? "");
                const stands =
                    id !== watched.id &&
                    type?.toLowerCase() === "isolate" &&
                    machineId === watched.machineId &&
                    at > watched.createdAt &&
                    at <= watched.until &&
                    ["Pending", "InProgress", "Queued"].includes(status);
                return !stands || found.has(id);
            });
        }),
    );
    t.pass();
});

const declared = { machineActionId: watched.id.toUpperCase(), reissueWindowHours: 72 };
const outputs = {
    type: watched.type,
    machineId: watched.machineId,
    creationDateTimeUtc: utc(created),
    cancellationDateTimeUtc: utc(watched.cancelledAt),
    reissues: [],
};

test("an action is watched from its cancellation on, by the API's own time where there is one", (t) => {
    t.deepEqual(watchOf(declared, outputs, created + 2 * hour), watched);
    const requested = { ...outputs, cancellationDateTimeUtc: undefined, requestedAtUtc: utc(created + 2 * hour) };
    t.like(watchOf(declared, requested, created + 3 * hour), { cancelledAt: created + 2 * hour });
    const confirmed = { ...requested, requestedAtUtc: undefined, confirmedAtUtc: utc(created + 3 * hour) };
    t.like(watchOf(declared, confirmed, created + 3 * hour), { cancelledAt: created + 3 * hour });
    t.is(watchOf(declared, { ...outputs, cancellationDateTimeUtc: "soon" }, created), undefined);
});

test("the look ends a day after the window, so that a slow API does not hide what came inside it", (t) => {
    t.truthy(watchOf(declared, outputs, watched.until + 24 * hour));
    t.is(watchOf(declared, outputs, watched.until + 24 * hour + 1), undefined);
});

test("what the API does not tell is named, never guessed", (t) => {
    const lacking = (changes: object) => watchOf(declared, { ...outputs, ...changes }, created);
    t.is(lacking({ machineId: undefined }), "the API does not return its machine");
    t.is(lacking({ machineId: undefined, type: undefined }), "the API does not return its machine");
    t.is(lacking({ type: undefined }), "the API does not return its type");
    t.is(lacking({ creationDateTimeUtc: "never" }), "the API does not return its age");
});

const reissue = fc.record<Reissue>({
    id: fc.integer({ min: 1, max: 5 }).map(guid),
    requestor: fc.constantFrom("soar@contoso.example", undefined),
    status: fc.constantFrom("Pending", "Cancelled", "Succeeded"),
    requestedAtUtc: fc.constantFrom(utc(created), undefined),
});
const reissues = fc.uniqueArray(reissue, { selector: ({ id }) => id });

test("a record never goes, and what is seen now is what counts of it", (t) => {
    fc.assert(
        fc.property(reissues, reissues, (recorded, now) => {
            const merged = mergeReissues(recorded, now);
            const of = (list: readonly Reissue[], id: string) => list.find((one) => one.id === id);
            return (
                merged.length === new Set([...recorded, ...now].map(({ id }) => id)).size &&
                merged.every(({ id, status, requestor }) => {
                    const [before, after] = [of(recorded, id), of(now, id)];
                    return (
                        status === (after ?? before)?.status && requestor === (after?.requestor ?? before?.requestor)
                    );
                }) &&
                recorded.every(({ id }, nth) => merged[nth]?.id === id)
            );
        }),
    );
    t.pass();
});

test("a look does not forget when we asked for the cancellation of a re-issue", (t) => {
    const recorded: Reissue = {
        id: guid(1),
        status: "Pending",
        requestedAtUtc: utc(created),
        confirmedAtUtc: utc(created + 1),
    };
    t.deepEqual(mergeReissues([recorded], reissuesAmong(watched, [action({ status: "Cancelled" })])), [
        {
            ...recorded,
            status: "Cancelled",
            requestor: "soar@contoso.example",
            creationDateTimeUtc: utc(created + 2 * hour),
        },
    ]);
});

test("a re-issue stands until it is Cancelled or has timed out; one that ran stands for good", (t) => {
    const standing = ["Pending", "InProgress", "Queued", "Succeeded", "Failed", "Cancelled", "TimeOut"].filter(
        (status) => openReissues([{ id: guid(1), status }]).length > 0,
    );
    t.deepEqual(standing, ["Pending", "InProgress", "Queued", "Succeeded", "Failed"]);
});

test("a re-issue in words: the new id, who issued it, and whether that is who had issued the first", (t) => {
    const before = { type: "Isolate", requestor: "SOAR@contoso.example" };
    const again = { id: guid(1), status: "Pending", requestor: "soar@contoso.example" };
    t.is(
        describeReissue(again, before),
        `Isolate resumed by the same requestor soar@contoso.example: issued again as ${guid(1)} (Pending)`,
    );
    t.is(
        describeReissue({ ...again, requestor: "AttackDisruption" }, before),
        `Isolate issued again by another party AttackDisruption: ${guid(1)} (Pending)`,
    );
    t.is(
        describeReissue({ ...again, requestor: undefined }, { requestor: undefined }),
        `action issued again by an unknown requestor: ${guid(1)} (Pending)`,
    );
});

test("names of an attacker's making stay on one clean line", (t) => {
    const named = describeReissue(
        { id: guid(1), status: "Pending", requestor: `x\n\u001b[31m::error${"y".repeat(200)}` },
        {},
    );
    t.false(isDeceptive(named));
    t.true(named.length < 200);
});
