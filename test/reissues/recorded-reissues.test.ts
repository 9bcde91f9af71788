import test from "ava";
import fc from "fast-check";
import type { Reissue } from "../../provider/model/reissue.ts";
import {
    byCreation,
    maxRecorded,
    mergeReissues,
    openReissues,
    recordReissues,
} from "../../provider/reissues/recorded-reissues.ts";

const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const at = (second: number) => `2026-05-05T07:00:${String(second).padStart(2, "0")}Z`;
const reissue = (nth: number, changes: Partial<Reissue> = {}): Reissue => ({
    id: guid(nth),
    creationDateTimeUtc: at(nth),
    status: "Cancelled",
    ...changes,
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

test("the newest 20 re-issues are recorded, with the number of all", (t) => {
    const all = range(1, 30).map((nth) => reissue(nth));
    t.deepEqual(recordReissues(all, undefined), {
        reissues: all.slice(10),
        reissueCounts: { total: 30, unlistedOpen: 0 },
    });
    t.deepEqual(recordReissues(all.slice(0, 20), undefined), { reissues: all.slice(0, 20) });
    // The API deletes old actions: the total does not shrink.
    t.deepEqual(recordReissues(all.slice(25), { total: 30, unlistedOpen: 3 }), {
        reissues: all.slice(25),
        reissueCounts: { total: 30, unlistedOpen: 0 },
    });
});

test("an unresolved re-issue, and one with an unproven request of ours, stay in the record however old they are", (t) => {
    const requested = reissue(1, { requestedAtUtc: at(40) });
    const open = reissue(2, { status: "Pending" });
    const all = [requested, open, ...range(3, 40).map((nth) => reissue(nth))];
    const { reissues, reissueCounts } = recordReissues(all, undefined);
    t.deepEqual(reissues, [requested, open, ...all.slice(-18)]);
    t.deepEqual(reissueCounts, { total: 40, unlistedOpen: 0 });
});

test("the record never has fewer unresolved re-issues than there are, listed or counted", (t) => {
    const any = fc.record({
        second: fc.integer({ min: 0, max: 59 }),
        status: fc.constantFrom("Pending", "InProgress", "Succeeded", "Cancelled", "TimeOut"),
        isRequested: fc.boolean(),
    });
    t.notThrows(() =>
        fc.assert(
            fc.property(fc.array(any, { maxLength: 60 }), (given) => {
                const all = given.map(({ second, status, isRequested }, nth) =>
                    reissue(nth, {
                        status,
                        creationDateTimeUtc: at(second),
                        ...(isRequested ? { requestedAtUtc: at(59) } : {}),
                    }),
                );
                const { reissues, reissueCounts } = recordReissues(all, undefined);
                const open = openReissues(reissues).length + (reissueCounts?.unlistedOpen ?? 0);
                const isSorted =
                    all.length <= maxRecorded ||
                    reissues.every((one, nth) => nth === 0 || byCreation(reissues[nth - 1] ?? one, one) <= 0);
                return (
                    reissues.length === Math.min(all.length, maxRecorded) &&
                    open === openReissues(all).length &&
                    (reissueCounts?.total ?? reissues.length) === all.length &&
                    isSorted
                );
            }),
        ),
    );
});

test("re-issues are sorted as times; a record without a new one keeps its order", (t) => {
    const [first, second, third] = ["01Z", "01.5Z", "01.51Z"].map((end, nth) =>
        reissue(nth, { creationDateTimeUtc: `2026-05-05T07:00:${end}` }),
    );
    if (!first || !second || !third) {
        return t.fail();
    }
    t.deepEqual(mergeReissues([third, second], [first]), [first, second, third]);
    t.deepEqual(mergeReissues([third, second], [second]), [third, second]);
});

test("each re-issue with a request of ours stays listed, however many there are", (t) => {
    const own = range(1, 25).map((nth) => reissue(nth, { requestedAtUtc: at(nth), confirmedAtUtc: at(nth) }));
    const others = [reissue(26, { status: "Pending" }), reissue(27)];
    const { reissues, reissueCounts } = recordReissues([...own, ...others], undefined);
    t.deepEqual(reissues, own);
    t.deepEqual(reissueCounts, { total: 27, unlistedOpen: 1 });
});
