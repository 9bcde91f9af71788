import test from "ava";
import type { Page } from "playwright-core";
import type { MachineActionRow } from "../../../simulator/actions/machine-action.ts";
import { sanitize } from "../../../simulator/command-line/lines.ts";
import { expandFleet } from "../../../simulator/game-day/fleet-file.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { browserFor, startBrowser } from "../../helpers/browser.ts";
import { clientOf, idOf, manualClock } from "../client.ts";

const rescue = "9a1b2c3d-0000-4000-8000-00000000abcd";
const machineId = "a".repeat(40);

/** What the page says of each action: name, type, status, requestor, canceller. */
const saidRows = `[...document.querySelectorAll("tbody tr")].map((line) =>
    [...line.querySelectorAll("td")].slice(0, 5).map((cell) => {
        const text = cell.querySelector(".text").cloneNode(true);
        text.querySelector(".on-phone")?.remove();
        return text.textContent;
    }))`;

/** The same as the API's data say it. */
function expectedRow(row: MachineActionRow): string[] {
    const canceller = row.cancellationRequestor === rescue ? "Incident rescue" : (row.cancellationRequestor ?? "");
    const note =
        row.status === "Cancelled" || canceller === ""
            ? ""
            : row.status === "Succeeded"
              ? " (too late)"
              : " (requested)";
    const texts = [row.computerDnsName ?? "", row.type, row.status, row.requestor, canceller + note];
    // Only lines of a terminal are changed at their beginning.
    return texts.map((text) => sanitize(text).replace(/^: :/, "::"));
}

const said = (page: Page, id: string) => page.locator(`#${id}`).innerText();
/** Waits without a script of the page's own, which the page's policy forbids. */
const waitFor = (page: Page, id: string, hasText: string) =>
    page.locator(`#${id}`, { hasText }).waitFor({ state: "attached" });

test("in Chromium the page says what the API says, on a wall and on a phone, and finds the simulator again", async (t) => {
    const executable = browserFor(t, "the live page");
    if (executable === undefined) {
        return;
    }
    const clock = manualClock();
    const hostile = (scenarios.hostile?.actions(clock.now()) ?? []).map(({ id: _, ...seed }) => seed);
    const simulator = await startSimulator({
        page: { intervalMs: 50 },
        now: clock.now,
        quotas: [{ requests: 4, periodMs: 60_000, window: "sliding" }],
        actions: [
            ...hostile,
            { id: idOf(1), machineId, computerDnsName: "ws-0001.contoso.example" },
            { id: idOf(2), behaviour: "in-progress-then-succeeded", settleMs: 1_000 },
            { id: idOf(3), behaviour: "in-progress-then-cancelled", settleMs: 60_000 },
            { id: idOf(4), type: "CollectInvestigationPackage", status: "TimeOut" },
        ],
    });
    const browser = await startBrowser(executable);
    try {
        const [problems, requests]: [string[], string[]] = [[], []];
        const open = async (width: number, height: number): Promise<Page> => {
            const page = await browser.newPage({ viewport: { width, height } });
            page.on("console", (message) => problems.push(message.text()));
            page.on("pageerror", (error) => problems.push(String(error)));
            page.on("dialog", (dialog) => problems.push(dialog.message()));
            page.on("request", (request) => requests.push(request.url()));
            await page.goto(simulator.pageUrl ?? "");
            return page;
        };
        const wall = await open(1280, 800);
        await waitFor(wall, "connection", "live");
        t.deepEqual(await wall.evaluate(saidRows), simulator.actions().map(expectedRow));

        const client = clientOf(simulator);
        const answers = [await client.cancel(idOf(1)), await client.cancel(idOf(2)), await client.cancel(idOf(3))];
        answers.push(await client.get(`/api/machineactions/${idOf(1)}`), await client.cancel(idOf(4)));
        t.deepEqual(
            answers.map(({ status }) => status),
            [200, 200, 200, 200, 429],
        );
        simulator.reissue(idOf(1));
        clock.advance(1_000);
        await waitFor(wall, "note-succeeded", "1 too late");
        await waitFor(wall, "note-reissues", "1 still open");
        const phone = await open(390, 844);
        await waitFor(phone, "connection", "live");
        for (const page of [wall, phone]) {
            t.deepEqual(await page.evaluate(saidRows), simulator.actions().map(expectedRow));
            const numbers = ["pending", "in-progress", "cancelled", "succeeded", "failed", "timed-out", "reissues"];
            const shown = await Promise.all(numbers.map((id) => said(page, `number-${id}`)));
            t.deepEqual(shown, [String(hostile.length + 1), "1", "1", "1", "0", "1", "1"]);
            t.is(await page.locator("i.reissue").count(), 1);
            t.regex(await said(page, "quota"), /Incident rescue\s+4 of 4 in 60 s\s+used up, free again in 59 s/);
            t.regex(await said(page, "requests"), /^quota used up\s+429\s/);
            t.is(await page.locator("#requests li").count(), 5);
            t.is(await page.evaluate("document.documentElement.scrollWidth"), page.viewportSize()?.width);
            t.is(await page.locator("img, iframe, a, form").count(), 0, "hostile names are text");
            t.is(await page.title(), `${hostile.length + 2} open, 1 cancelled`);
        }
        const late = await wall.evaluate('getComputedStyle(document.querySelector(".state.late")).color');
        t.is(late, "rgb(201, 31, 43)", "a success that was to be cancelled is not green");
        t.deepEqual(problems, []);
        t.deepEqual([...new Set(requests)].sort(), [`${simulator.pageUrl}/`, `${simulator.pageUrl}/events`]);

        await simulator.close();
        await waitFor(wall, "trouble", "The simulator has ended");
        t.true(await wall.locator("#trouble").isVisible());
        const page = { port: Number(new URL(simulator.pageUrl ?? "").port), intervalMs: 50 };
        const many = expandFleet([{ count: 4_999 }, { status: "Failed" }], clock.now());
        await using next = await startSimulator({ page, actions: many });
        await waitFor(wall, "fleet-size", "5000 actions on 5000 machines");
        t.deepEqual([await said(wall, "connection"), await said(wall, "number-failed")], ["live", "1"]);
        t.false(await wall.locator("#trouble").isVisible());

        t.is(await wall.locator("tbody tr").count(), 0, "thousands of rows stay folded");
        await wall.locator("summary", { hasText: "Pending" }).click();
        await wall.locator("tbody tr").first().waitFor();
        t.is(await wall.locator("tbody tr").count(), 200);
        await wall.getByRole("button", { name: "Show 200 more of 4999" }).click();
        t.is(await wall.locator("tbody tr").count(), 400);
        next.start(many[4_998]?.id ?? "");
        await waitFor(wall, "number-in-progress", "1");
        t.is(await wall.locator("tbody tr").count(), 400);

        await phone.route("**/events", (route) => route.fulfill({ status: 503 }));
        await phone.reload();
        await waitFor(phone, "trouble", "The connection to the simulator is lost. Trying again.");
        await phone.unroute("**/events");
        await waitFor(phone, "connection", "live");
    } finally {
        await browser.close();
        await simulator.close();
    }
});
