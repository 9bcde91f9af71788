import test from "ava";
import { summarizeCommands } from "../../provider/model/machine-action.ts";

const script = (args: string) => ({
    commands: [
        {
            commandStatus: "Created",
            command: {
                type: "RunScript",
                params: [
                    { key: "ScriptName", value: "collect.ps1" },
                    { key: "Args", value: args },
                ],
            },
        },
    ],
});

test("names of scripts and files are shown, and of other parameters, which may hold passwords, only what tells them apart", (t) => {
    const [one, other] = ["-Password Hunter2!", "-Password Hunter3!"].map((args) => summarizeCommands(script(args)));
    t.regex(one ?? "", /^RunScript ScriptName=collect\.ps1 Args=\(18 characters, #[0-9a-f]{4}\)$/);
    t.not(one, other);
    t.is(summarizeCommands({ commands: [], commandSummary: "stored" }), "stored");
});
