import test from "ava";
import { firstOf } from "../../provider/text/first-of.ts";

test("so many are named, and the others counted", (t) => {
    t.deepEqual(firstOf([], 2), []);
    t.deepEqual(firstOf(["a", "b"], 2), ["a", "b"]);
    t.deepEqual(firstOf(["a", "b", "c"], 2), ["a", "b", "and 1 more"]);
});

test("what is not named is not described", (t) => {
    const described: number[] = [];
    const describe = (item: number) => {
        described.push(item);
        return `no. ${item}`;
    };
    t.deepEqual(firstOf([1, 2, 3], 1, describe), ["no. 1", "and 2 more"]);
    t.deepEqual(described, [1]);
});
