/** Reads once what its parent requests, and reports the result, the time and the memory that it took. */
import { type HostileQuestion, type MeasuredEnding, readHostile } from "./hostile-read.ts";

const peakMb = () => process.resourceUsage().maxRSS / 1_000;

process.once("message", async (question: HostileQuestion) => {
    const [start, before] = [performance.now(), peakMb()];
    const ending = await readHostile(question);
    const measured: MeasuredEnding = {
        ...ending,
        seconds: (performance.now() - start) / 1_000,
        peakMb: peakMb() - before,
    };
    process.send?.(measured);
    process.disconnect();
});
