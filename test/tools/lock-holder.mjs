// Takes the lock and keeps it until its standard input ends:
// node lock-holder.mjs <lock folder> <witness folder> [<program that works meanwhile> <argument>…]
// The witness is made and removed under the lock, so making it fails when somebody else is there.
import { mkdirSync, rmdirSync } from "node:fs";
import { run } from "../../tools/set-up/child.mjs";
import { withLock } from "../../tools/set-up/lock.mjs";

const [lock = "", witness = "", program, ...args] = process.argv.slice(2);

await withLock(lock, { what: "holding the lock" }, async () => {
    mkdirSync(witness);
    process.stdout.write("held\n");
    if (program) {
        await run(program, args, { onLine: (line) => process.stdout.write(`working as ${line}\n`) });
    }
    for await (const _ of process.stdin) {
        // Only its end matters.
    }
    rmdirSync(witness);
});
