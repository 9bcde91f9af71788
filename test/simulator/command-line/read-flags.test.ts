import test from "ava";
import { readFlags } from "../../../simulator/command-line/read-flags.ts";
import { UsageError } from "../../../simulator/command-line/usage-error.ts";

test("the flags are those of the table: switches, values, and values that repeat", (t) => {
    const flags = readFlags(["--json", "--port", "1", "--quota=1/60", "--port=2", "--quota", "2/3600", "-h"]);
    t.true(flags.has("json"));
    t.true(flags.has("help"));
    t.false(flags.has("sign-in"));
    t.is(flags.value("port"), "2");
    t.is(flags.value("token"), undefined);
    t.deepEqual(flags.values("quota"), ["1/60", "2/3600"]);
    t.throws(() => flags.has("nosuch"), { instanceOf: TypeError });
});

const complaints: readonly [string[], string][] = [
    [["--sceanrio", "late"], "unknown option --sceanrio: did you mean --scenario?"],
    [["--sceanrio=late"], "unknown option --sceanrio: did you mean --scenario?"],
    [["--verbose"], "unknown option --verbose: --help lists the options"],
    [["-x"], "unknown option -x: --help lists the options"],
    [["--port"], "--port has no value: write --port N"],
    [["--port="], "--port has no value: write --port N"],
    [["--port", "--json"], "--port has no value: write --port N"],
    [["--quota", "-1/60"], "--quota has no value: write --quota N/SECONDS"],
    [["--json=yes"], "--json takes no value: leave =yes out"],
    [["more"], "unexpected argument more: flags begin with --; --help lists them"],
    [["--", "--json"], "unexpected argument --json: flags begin with --; --help lists them"],
];

for (const [args, message] of complaints) {
    test(`the arguments ${args.join(" ")} are refused: ${message}`, (t) => {
        t.throws(() => readFlags(args), { instanceOf: UsageError, message });
    });
}
