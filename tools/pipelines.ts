/**
 * Runs one incident through the pipelines of examples/gitops for GitHub, Azure DevOps and GitLab, with the real CLI and
 * the simulator's sign-in: `npm run test:pipelines`. A pull request declares two cancellations, a merge cancels them, and
 * a watch finds nothing, then a drift and a cancellation that no declaration accounts for. It ends with exit code 0
 * only if all three come to the same end, and this end is the expected one.
 */
import { isDeepStrictEqual, styleText } from "node:util";
import { azureDevOps } from "../test/helpers/pipelines/azure-devops.ts";
import { github } from "../test/helpers/pipelines/github.ts";
import { gitLab } from "../test/helpers/pipelines/gitlab.ts";
import { type IncidentEnd, runIncident } from "../test/helpers/pipelines/incident.ts";
import { owner } from "../test/helpers/pipelines/recorded-run.ts";

const expected: Omit<IncidentEnd, "previewed"> = {
    requestsOfPreview: 0,
    failedWhenCancelling: [],
    requestsOfMerge: 2,
    signedIn: [owner.READER_CLIENT_ID, owner.CANCELLER_CLIENT_ID],
    outcomes: { total: 2, outcome: { cancelled: 2 }, effect: { prevented: 2 } },
    foundWhileWell: [],
    foundAfterwards: ["drift", "an undeclared cancellation", "a failed run"],
    requestsOfWatch: 0,
};

const ends: IncidentEnd[] = [];
for (const system of [github, azureDevOps, gitLab]) {
    console.log(styleText("bold", `== ${system.name}`));
    const end = await runIncident(system);
    ends.push(end);
    console.log(JSON.stringify(end, undefined, 4));
    const { previewed, ...rest } = end;
    const isExpected = previewed.includes("2 would cancel") && isDeepStrictEqual(rest, expected);
    if (!isExpected || !isDeepStrictEqual(end, ends[0])) {
        console.log(styleText("red", "another end than expected, or than in the pipeline before"));
        process.exitCode = 1;
    }
}
