import test from "ava";
import { createBatcher } from "../../provider/system/batcher.ts";

test("what is asked at about the same time is asked together, and each gets its own answer as soon as it is there", async (t) => {
    const batches: string[][] = [];
    const slow = Promise.withResolvers<string>();
    const ask = createBatcher<string, string>((questions) => {
        batches.push([...questions]);
        return questions.map((question) => (question === "slow" ? slow.promise : Promise.resolve(`of ${question}`)));
    }, 5);
    const waiting = ask("slow");
    t.deepEqual(await Promise.all([ask("a"), ask("a"), ask("b")]), ["of a", "of a", "of b"]);
    slow.resolve("at last");
    t.is(await waiting, "at last");
    t.is(await ask("a"), "of a");
    t.deepEqual(batches, [["slow", "a", "a", "b"], ["a"]]);
});

test("one answer that fails fails nobody else's", async (t) => {
    const ask = createBatcher<string, string>(
        (questions) =>
            questions.map((question) =>
                question === "bad" ? Promise.reject(new Error("broken")) : Promise.resolve(question),
            ),
        1,
    );
    const [bad, good] = await Promise.allSettled([ask("bad"), ask("good")]);
    t.like(bad, { status: "rejected", reason: { message: "broken" } });
    t.like(good, { status: "fulfilled", value: "good" });
});

test("a batch that cannot be asked fails all of its questions, and the next one is asked again", async (t) => {
    let isBroken = true;
    const ask = createBatcher<string, string>((questions) => {
        if (isBroken) {
            throw new Error("broken");
        }
        return questions.slice(0, 1).map(async (question) => question);
    }, 1);
    const failed = await Promise.allSettled([ask("a"), ask("b")]);
    t.deepEqual(
        failed.map(({ status }) => status),
        ["rejected", "rejected"],
    );
    isBroken = false;
    const [first, second] = await Promise.allSettled([ask("a"), ask("b")]);
    t.like(first, { status: "fulfilled", value: "a" });
    t.like(second, { status: "rejected", reason: { message: "a question got no answer" } });
});
