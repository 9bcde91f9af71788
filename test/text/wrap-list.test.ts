import test from "ava";
import { wrapList } from "../../provider/text/wrap-list.ts";

test("a list breaks between its items where a line would be too long", (t) => {
    t.deepEqual(wrapList("4 gone:", ["ws-0001", "ws-0002", "ws-0003", "ws-0004"], 26), [
        "4 gone: ws-0001, ws-0002,",
        "  ws-0003, ws-0004",
    ]);
    t.deepEqual(wrapList("none:", []), ["none:"]);
});

test("an item that is longer than a line stays whole", (t) => {
    const long = "w".repeat(30);
    t.deepEqual(wrapList("2 gone:", [long, long], 20), [`2 gone: ${long},`, `  ${long}`]);
});
