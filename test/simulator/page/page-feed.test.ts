import test from "ava";
import { createQuotaLedger } from "../../../simulator/access/quota.ts";
import { createFleet } from "../../../simulator/actions/fleet.ts";
import type { RecordedRequest } from "../../../simulator/http/request-record.ts";
import { createPageFeed } from "../../../simulator/page/page-feed.ts";
import { idOf, manualClock } from "../client.ts";

function feedOf(count: number) {
    const clock = manualClock();
    const fleet = createFleet(clock.now);
    for (const n of Array(count).keys()) {
        fleet.seed({ id: idOf(n + 1) });
    }
    const quotas = createQuotaLedger([{ requests: 10, periodMs: 60_000, window: "sliding" }], clock.now);
    const feed = createPageFeed({ fleet, quotas, now: clock.now });
    feed.refresh();
    const request = (path: string): RecordedRequest => ({
        at: clock.now(),
        method: "GET",
        path,
        query: "",
        operation: "list",
        headers: {},
        body: "",
        status: 200,
        ids: [],
        carriedOut: true,
    });
    return { clock, fleet, quotas, feed, request };
}

test("a page without a message gets the whole state, and then only what changed", (t) => {
    const { clock, fleet, quotas, feed, request } = feedOf(3);
    const first = feed.messageAfter(undefined);
    t.is(first.message.kind, "whole");
    t.is(first.message.at, clock.now());
    t.is(first.message.rows?.length, 3);
    t.is(first.message.totals?.groups.pending, 3);
    t.deepEqual([first.message.quotas, first.message.requests], [[], []]);

    feed.refresh();
    t.deepEqual(feed.messageAfter(first.id), { id: first.id, message: { at: clock.now(), kind: "change" } });

    fleet.cancel(idOf(2), "app", "why");
    feed.refresh();
    const second = feed.messageAfter(first.id);
    t.like(second.message, { kind: "change", rows: [{ id: idOf(2), status: "Cancelled" }] });
    t.is(second.message.rows?.length, 1);
    t.like(second.message.totals, { groups: { pending: 2, cancelled: 1 } });
    t.false("quotas" in second.message || "requests" in second.message);

    quotas.take({ tenantId: "t", appId: "app" });
    feed.recordRequest(request("/api/machineactions"));
    feed.refresh();
    const third = feed.messageAfter(second.id);
    t.like(third.message, { quotas: [{ used: 1 }], requests: [{ meaning: "0 actions" }] });
    t.false("rows" in third.message || "totals" in third.message);

    const both = feed.messageAfter(first.id);
    t.is(both.id, third.id, "a page that missed a message gets both changes");
    t.like(both.message, { kind: "change", rows: [{ id: idOf(2) }], requests: [{ method: "GET" }] });
});

test("a page that reconnects with an id of another run, or with none of the feed's, gets the whole state", (t) => {
    const { feed } = feedOf(1);
    const other = feedOf(1).feed.messageAfter(undefined).id;
    const { id } = feed.messageAfter(undefined);
    for (const foreign of [other, "", "7", `${id}0`, id.replace(/\.\d+$/, "."), `x${id}`]) {
        t.is(feed.messageAfter(foreign).message.kind, "whole", foreign);
    }
    t.is(feed.messageAfter(id).message.kind, "change");
});

test("a message holds no request that came after the refresh, so that the next message has it", (t) => {
    const { feed, request } = feedOf(0);
    feed.recordRequest(request("/api/machines"));
    const early = feed.messageAfter(undefined);
    t.deepEqual(early.message.requests, []);
    feed.refresh();
    t.is(feed.messageAfter(early.id).message.requests?.length, 1);
});

test("the page gets the latest 30 requests, newest first", (t) => {
    const { feed, request } = feedOf(0);
    for (const n of Array(50).keys()) {
        feed.recordRequest(request(`/api/${n}`));
        feed.refresh();
    }
    const targets = feed.messageAfter(undefined).message.requests?.map(({ target }) => target) ?? [];
    t.deepEqual([targets.length, targets[0], targets[29]], [30, "/api/49", "/api/20"]);
});

test("a request shows the status that its action had when it was answered", (t) => {
    const { fleet, feed, request } = feedOf(1);
    fleet.cancel(idOf(1), "app", "why");
    feed.recordRequest({ ...request("/x"), operation: "cancel", actionId: idOf(1) });
    fleet.resume(idOf(1));
    feed.refresh();
    const [shown] = feed.messageAfter(undefined).message.requests ?? [];
    t.like(shown, { meaning: "cancel accepted, it is Cancelled", machine: fleet.find(idOf(1))?.computerDnsName });
});

test("a request is put in words once, for all pages", (t) => {
    const { feed, request } = feedOf(1);
    let reads = 0;
    const counted = Object.defineProperty(request("/api/machineactions"), "path", {
        enumerable: true,
        get() {
            reads += 1;
            return "/api/machineactions";
        },
    });
    feed.recordRequest(counted);
    feed.refresh();
    const first = feed.messageAfter(undefined).message.requests;
    const once = reads;
    t.true(once > 0);
    t.deepEqual(feed.messageAfter(undefined).message.requests, first);
    t.is(reads, once);
});
