import test from "ava";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { measureHostile, readHostile } from "../helpers/hostile-read.ts";
import { hostileAnswers, startHostileServer } from "../helpers/hostile-server.ts";

/** Read in a process of its own below, for its memory too. */
const measured = "50 MB, chunked";

for (const [what, hostile] of Object.entries(hostileAnswers).filter(([what]) => what !== measured)) {
    // One after another: some are long.
    test.serial(`a server that answers with ${what} is read to a typed error, or to the action`, async (t) => {
        await using server = await startHostileServer(hostile);
        const answerWithinMs = hostile.stalls ? 150 : 30_000;
        const { error, action } = await readHostile({ url: server.url, reads: hostile.reads, answerWithinMs });
        if (hostile.error) {
            t.regex(error ?? "", hostile.error);
            return;
        }
        t.is(error, undefined);
        t.like(action, { status: "Pending", type: "Isolate" });
        const { computerDnsName = "" } = action ?? {};
        t.true(computerDnsName.length <= 10_000 && computerDnsName.isWellFormed() && !isDeceptive(computerDnsName));
    });
}

test.serial("what a body of 50 MB takes in memory is bounded by what is read of it", async (t) => {
    const hostile = hostileAnswers[measured];
    t.truthy(hostile);
    if (hostile) {
        const { error, peakMb } = await measureHostile(hostile, 30_000);
        t.regex(error ?? "", /more than 40 MB/);
        t.true(peakMb < 400, `${peakMb} MB`);
    }
});
