import test from "ava";
import { nearest, suggestion } from "../../../simulator/forms/nearest.ts";

const names = ["--scenario", "--sign-in", "--speed", "--json", "--tls"];

test("the nearest name is the one that a few slips of the finger lead away from", (t) => {
    const slips = {
        "--sceanrio": "--scenario",
        "--scenarios": "--scenario",
        "--signin": "--sign-in",
        "--SPEED": "--speed",
        "--jsno": "--json",
        "--ts": "--tls",
    };
    for (const [given, meant] of Object.entries(slips)) {
        t.is(nearest(given, names), meant);
    }
});

test("a text that is far from every name suggests none", (t) => {
    t.is(nearest("--verbose", names), undefined);
    t.is(nearest("x", []), undefined);
    t.is(suggestion("--verbose", names), "");
    t.is(suggestion("--jsn", names), ": did you mean --json?");
});
