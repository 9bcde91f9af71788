import test from "ava";
import fc from "fast-check";
import { histories } from "./commands.ts";
import { fleets, programs } from "./fleets-and-programs.ts";
import { startWorld } from "./world.ts";

const given = process.env.DEFENDER_MODEL_SECONDS;
/** How long histories are tried, in seconds; CONTRIBUTING.md names the variable. */
const seconds = Number(given || 5);
/** Without the variable the same histories are tried each time, so that a whole run never fails by chance. */
const seed = given ? {} : { seed: 4711 };

test("whatever happens to a fleet and to the runs, nothing is sent that nobody wants, and nothing is lost", async (t) => {
    t.timeout(1_000 * (2 * seconds + 60));
    const seen = { histories: 0, commands: 0, requests: 0, "for re-issues": 0, lost: 0 };
    await fc.assert(
        fc.asyncProperty(fleets, programs, histories, fc.boolean(), async (fleet, program, history, isGuarded) => {
            await using world = await startWorld(fleet, isGuarded);
            world.program = program;
            await fc.asyncModelRun(() => ({ model: world, real: world }), history);
            const requests = world.exchanges.filter(({ sentAt }) => sentAt !== undefined);
            seen.histories++;
            seen.commands += world.command;
            seen.requests += requests.length;
            // The fleet's own ids are counted through, those of re-issues are random.
            seen["for re-issues"] += requests.filter(({ actionId }) => !actionId?.startsWith("00000000")).length;
            seen.lost += requests.filter(({ wasTaken }) => !wasTaken).length;
        }),
        {
            ...seed,
            numRuns: 1_000_000,
            includeErrorInReport: true,
            // Shrinking is cut off as well: a seed shows the rest.
            interruptAfterTimeLimit: 1_000 * seconds,
        },
    );
    t.log(JSON.stringify(seen));
    t.true(seen.histories > 0);
});
