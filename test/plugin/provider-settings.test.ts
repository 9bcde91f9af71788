import test from "ava";
import { settingFailures } from "../../provider/plugin/provider-settings.ts";
import { secretTextFailures } from "../../provider/plugin/reviewed-secrets.ts";
import { environmentOnly } from "../../provider/session/config.ts";

test("a provider refuses what is no setting, and what only the environment may set", (t) => {
    t.deepEqual(settingFailures({ requestsPerMinute: 10, version: "1.0.0", pluginDownloadURL: "x" }, {}), []);
    t.like(settingFailures({ colour: "blue" }, {}), [{ property: "" }]);
    for (const [key, variable] of Object.entries(environmentOnly)) {
        const [failure, ...others] = settingFailures({ [key]: "x" }, {});
        t.deepEqual(others, []);
        t.is(failure?.reason, `${key} is not a setting of a provider: set ${variable} in the environment instead`);
    }
});

test("text that a reviewer approves is refused as a secret, with its value and its property left out", (t) => {
    for (const path of [["comment"], ["expect"], ["expect", "requestor"], ["cancellations", "3", "expect"]]) {
        const failures = secretTextFailures({ values: { comment: "planted" }, secrets: [path] });
        t.is(failures.length, 1, path.join());
        t.is(failures[0]?.property, "");
        t.false(failures[0]?.reason.includes("planted"));
    }
    t.deepEqual(secretTextFailures({ values: {}, secrets: [["machineActionId"]] }), []);
    t.deepEqual(secretTextFailures({ values: {}, secrets: [["cancellations", "3", "machineActionId"]] }), []);
});
