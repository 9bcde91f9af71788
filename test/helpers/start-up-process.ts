/**
 * Runs the lifecycle of one resource as the SDK's plugin does, in a process that records the loaded modules. It prints
 * them as JSON: those loaded with the lifecycle, and those loaded by its first read.
 *
 * Argument: the machine action's id.
 */
import { createRequire, registerHooks } from "node:module";

const seen: string[] = [];
registerHooks({
    load(url, context, next) {
        seen.push(url);
        return next(url, context);
    },
});

const require = createRequire(import.meta.url);
const { machineActionCancellation } = require("pulumi-defender-cancellation/lifecycle");
const atStart = seen.splice(0);
machineActionCancellation.configure({ config: { get: () => undefined } });
await machineActionCancellation.check({}, { machineActionId: process.argv[2], comment: "INC-4711" });
const afterCheck = seen.splice(0);
const failure = await machineActionCancellation
    .read(process.argv[2], { machineActionId: process.argv[2], comment: "INC-4711" })
    .then(
        () => undefined,
        (error: Error) => error.message,
    );
console.log(JSON.stringify({ atStart, afterCheck, byRead: seen, failure }));
