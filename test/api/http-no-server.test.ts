import test from "ava";
import { httpTo } from "../helpers/http-client.ts";
import { listen } from "../helpers/listen.ts";

/** The URL of a port of this machine at which no server runs. */
async function urlWithoutServer(): Promise<string> {
    await using server = await listen(async () => {});
    return server.url;
}

test("where no server runs on this machine, a read fails at once, and asks for the simulator", async (t) => {
    const url = await urlWithoutServer();
    let failures = 0;
    const error = await t.throwsAsync(
        httpTo(url)({ method: "GET", path: "/api/machineactions", afterFailure: () => void failures++ }),
        { code: "ERR_DEFENDER_NETWORK" },
    );
    t.is(failures, 1);
    t.regex(
        error?.message ?? "",
        /^GET \/api\/machineactions got no answer: connect ECONNREFUSED [\d.:]+\. Is the simulator running \(DEFENDER_API_URL\)\?$/,
    );
});
