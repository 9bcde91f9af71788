// Takes the lock and keeps it until its standard input ends: node lock-holder.mjs <lock folder> <witness folder>
// The witness is made and removed under the lock, so making it fails when somebody else is there.
import { mkdirSync, rmdirSync } from "node:fs";
import { withLock } from "../../tools/set-up/lock.mjs";

const [lock = "", witness = ""] = process.argv.slice(2);

await withLock(lock, { what: "holding the lock" }, async () => {
    mkdirSync(witness);
    process.stdout.write("held\n");
    for await (const _ of process.stdin) {
        // Only its end matters.
    }
    rmdirSync(witness);
});
