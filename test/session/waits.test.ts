import test from "ava";
import { createWaits } from "../../provider/session/waits.ts";

test("what is waited for is told in order as long as it lasts, whether it ends well or not", async (t) => {
    const waits = createWaits();
    const signIn = Promise.withResolvers<number>();
    const quota = Promise.withResolvers<number>();
    const second = Promise.withResolvers<number>();
    const all = [
        waits.during("the quota", () => quota.promise),
        waits.during("sign-in", () => signIn.promise),
        waits.during("the quota", () => second.promise),
    ];
    t.deepEqual(waits.pending(), ["sign-in", "the quota"]);
    signIn.resolve(1);
    quota.reject(new Error("turned away"));
    await Promise.allSettled(all.slice(0, 2));
    t.deepEqual(waits.pending(), ["the quota"]);
    second.resolve(3);
    t.is(await all[2], 3);
    t.deepEqual(waits.pending(), []);
});
