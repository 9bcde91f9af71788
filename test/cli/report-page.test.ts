import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { scenarios } from "../../simulator/game-day/scenarios.ts";
import { browserFor, startBrowser } from "../helpers/browser.ts";
import { commandScene } from "../helpers/command.ts";
import { stackExport, storedResource } from "../helpers/stack-state.ts";

test("the report's page opens in Chromium without an error, a script or a request, and shows what it should", async (t) => {
    const executable = browserFor(t, "the report's page");
    if (executable === undefined) {
        return;
    }
    const scene = await commandScene(t);
    const hostile = scenarios.hostile?.actions(scene.clock.now()) ?? [];
    const rows = [...hostile, { computerDnsName: "ws-0417.contoso.example" }].map((seed) => scene.simulator.seed(seed));
    const set = await storedResource(scene, "playbook-12", {
        comment: "INC-4711",
        cancellations: rows.map(({ id }) => ({ machineActionId: id })),
    });
    scene.simulator.resume(rows[0]?.id ?? "");
    const args = ["report", "--format", "html", "--output", "report.html", "--verify"];
    const written = await scene.run(args, { stdin: stackExport(set) });
    t.is(written.code, 2, written.stderr);

    const browser = await startBrowser(executable);
    try {
        const page = await browser.newPage();
        const address = pathToFileURL(join(scene.folder, "report.html")).href;
        const [problems, requests]: [string[], string[]] = [[], []];
        page.on("console", (message) => problems.push(message.text()));
        page.on("pageerror", (error) => problems.push(String(error)));
        page.on("dialog", (dialog) => problems.push(dialog.message()));
        page.on("request", (request) => requests.push(request.url()));
        await page.goto(address);
        t.is(await page.title(), "INC-4711 · incident/prod/playbook-12");
        t.is(await page.locator(".actions tbody tr").count(), rows.length);
        t.regex(await page.locator("body").innerText(), /mismatch\s+Cancelled\s+InProgress/);
        t.is(await page.locator("svg .proven").count(), rows.length + 1, "one for each requestor, one in the legend");
        t.is(await page.locator("img, script, iframe, a, form").count(), 0);
        t.regex(await page.locator("body").innerText(), /ws-0417\.contoso\.example/);
        t.true(await page.getByText('<img src=x onerror="alert(1)">', { exact: true }).first().isVisible());
        const colour = await page.evaluate('getComputedStyle(document.querySelector("td.good")).color');
        t.not(colour, "rgb(0, 0, 0)", "the policy lets the page's own style in");
        await page.locator("summary").first().click();
        t.true(await page.locator("details dl").first().isVisible());
        await page.locator("details details summary").first().click();
        t.regex(await page.locator("details details pre").first().innerText(), /^computerDnsName: /m);
        t.true((await page.screenshot({ fullPage: true })).length > 10_000);
        t.deepEqual(problems, []);
        t.deepEqual(requests, [address]);
    } finally {
        await browser.close();
    }
});
