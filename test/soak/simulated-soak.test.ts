import test from "ava";
import { simulatedSoak } from "./simulated-soak.ts";

// What `npm run test:soak` does with thousands for an hour.
test("a soak loses nothing, doubles nothing and says nothing wrong", async (t) => {
    const { figures, faults, happenings, problems } = await simulatedSoak({
        seed: 1,
        size: { set: 60, singles: 6, bystanders: 5 },
        forMs: 10 * 60_000,
        faultRate: 0.15,
        happeningsPerMinute: 3,
        quotas: [{ requests: 60, periodMs: 60_000, window: "sliding" }],
        maxUpMs: 4 * 60_000,
    });
    t.log(Object.fromEntries(figures), Object.fromEntries(faults), Object.fromEntries(happenings));
    t.deepEqual(problems, []);
});
