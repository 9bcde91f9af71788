import { spawnSync } from "node:child_process";
import test from "ava";
import { packageRoot } from "./helpers/engine.ts";

/** Runs a CommonJS program in the clone, where the package resolves to its build. */
function run(program: string): string {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], { cwd: packageRoot, encoding: "utf8" });
    return stdout.trim() || stderr;
}

test("state files find the lifecycle by require, with the methods of a dynamic provider", (t) => {
    const program = `
        const { machineActionCancellation } = require("pulumi-defender-cancellation/lifecycle");
        console.log(Object.keys(machineActionCancellation).join());
    `;
    t.is(run(program), "configure,check,diff,create,read,update,delete");
});

test("loading the lifecycle does not load the Pulumi SDK", (t) => {
    const program = `
        require("pulumi-defender-cancellation/lifecycle");
        const loaded = Object.keys(require.cache).filter((file) => file.includes("@pulumi"));
        console.log(JSON.stringify(loaded));
    `;
    t.is(run(program), "[]");
});

test("outside the plugin process the lifecycle holds nothing open", (t) => {
    t.is(
        run('require("pulumi-defender-cancellation/lifecycle"); process.on("exit", () => console.log("ended"))'),
        "ended",
    );
});
