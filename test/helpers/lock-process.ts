/**
 * A process of its own that increments a number in a shared file `TIMES` times: `lock-process FILE TIMES KILL_EVERY`.
 * It records each number that it has written in `FILE.ledger`. If `KILL_EVERY` is N and not 0, it is killed at a step
 * of one in N of its turns.
 */
import { appendFileSync } from "node:fs";
import { whileLocked } from "../../provider/system/shared-file/file-lock.ts";
import { readReplaced, replaceFile } from "../../provider/system/shared-file/private-file.ts";

const [file = "", times, killEvery] = process.argv.slice(2);

/** A pause, so that a conflict between two processes would show. */
function linger(): void {
    for (const end = performance.now() + 0.5; performance.now() < end; ) {}
}

function mayDie(step: number): void {
    if (Number(killEvery) > 0 && Math.random() < 1 / Number(killEvery) / 3) {
        console.log(`killed at step ${step}`);
        process.kill(process.pid, "SIGKILL");
    }
}

for (let turn = 0; turn < Number(times); turn++) {
    await whileLocked(file, () => {
        mayDie(1);
        const next = Number(readReplaced(file) ?? "0") + 1;
        linger();
        mayDie(2);
        replaceFile(file, String(next));
        appendFileSync(`${file}.ledger`, `${next}\n`);
        mayDie(3);
    });
}
