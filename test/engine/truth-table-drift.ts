import {
    cancelled,
    disruption,
    fence,
    hoursAgo,
    isCancelled,
    isPending,
    isReissued,
    mayHaveRun,
    othersAgain,
    past,
    playbook,
    type Row,
    reissue,
    sameAgain,
} from "./truth-table-row.ts";

/** What was approved and until when, and what happens after success. */
export const driftRows: readonly Row[] = [
    // What the reviewer approved, and until when.
    { name: "expected", ...isPending, args: { expect: { type: "isolate", requestor: playbook.toUpperCase() } } },
    {
        name: "unexpected",
        seed: { requestor: disruption },
        args: { expect: { type: "Isolate", requestor: playbook } },
        preview: [
            "unexpected",
            /^expectation differs: .*: requestor is "disruption@contoso\.example", expected "soar@contoso\.example"/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_UNEXPECTED: .* requestor is "disruption.*", expected "soar@/ },
    },
    {
        name: "past",
        seed: {},
        args: { notAfter: past },
        preview: [
            "would fail",
            /^notAfter has passed \(2026-01-01 00:00:00Z\): would not cancel Isolate on \S+, Pending/,
        ],
        up: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER: .* notAfter was 2026-01-01 00:00:00Z, now it is/ },
    },
    { name: "past-but-cancelled", ...isCancelled, args: { notAfter: past } },

    // Drift of the action itself.
    {
        name: "resumed",
        ...isPending,
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { sends: 1, says: mayHaveRun },
        repaired: ["cancelled", undefined, "unknown"],
    },
    {
        name: "resumed-past",
        ...isCancelled,
        args: { notAfter: past },
        meanwhile: (simulator, id) => simulator.resume(id),
        drift: /^InProgress$/,
        repair: { fails: true, says: /ERR_DEFENDER_PAST_NOT_AFTER/ },
        repaired: [undefined, undefined, undefined],
    },
    {
        name: "ran-after-all",
        ...isPending,
        meanwhile: (simulator, id) => simulator.finish(id, "Succeeded"),
        drift: /^Succeeded$/,
        repair: { fails: true, says: /ERR_DEFENDER_TOO_LATE/ },
        repaired: [undefined, undefined, undefined],
    },

    // Re-issues and their fences.
    { name: "reissue-drift", ...isPending, meanwhile: reissue(), drift: sameAgain, repair: isReissued },
    { name: "reissue-by-others", ...isPending, meanwhile: reissue(disruption), drift: othersAgain, repair: isReissued },
    { name: "reissue-ignored", ...isPending, args: { onReissue: "ignore" }, meanwhile: reissue() },
    { name: "reissue-cancel", ...isPending, args: fence, meanwhile: reissue(), drift: sameAgain, repair: { sends: 1 } },
    {
        name: "reissue-cancel-by-others",
        ...isPending,
        args: fence,
        meanwhile: reissue(disruption),
        drift: othersAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-past",
        ...isCancelled,
        args: { ...fence, notAfter: past },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "reissue-cancel-twice",
        ...isPending,
        args: fence,
        meanwhile(simulator, id) {
            simulator.reissue(id);
            simulator.reissue(id);
        },
        drift: /^Isolate resumed by the same requestor .* \(Pending\), and 1 more$/,
        repair: { ...isReissued, sends: 1 },
    },
    {
        name: "reissue-after-80-hours",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(80) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-on-day-10",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        meanwhile: reissue(),
    },
    {
        name: "reissue-in-long-window",
        ...isCancelled,
        seed: { status: "Cancelled", creationDateTimeUtc: hoursAgo(240) },
        args: { reissueWindowHours: 300 },
        meanwhile: reissue(),
        drift: sameAgain,
        repair: isReissued,
    },
    {
        name: "unknown-machine",
        seed: { machineId: null },
        preview: ["fine", /^would cancel: Isolate, Pending(?:, created just now| for \d+ min)/],
        up: { sends: 1 },
        stored: cancelled,
        refreshSays:
            /^re-issues of machine action \S+ \(Isolate.*\) cannot be looked for: the API does not return its machine$/,
    },
];
