import test from "ava";
import { createGathering } from "../../provider/observe/batcher.ts";

test("what is asked at about the same time is asked together, and each gets its own answer as soon as it is there", async (t) => {
    const batches: string[][] = [];
    const slow = Promise.withResolvers<string>();
    const ask = createGathering<string, string>((questions) => {
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
    const ask = createGathering<string, string>(
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
