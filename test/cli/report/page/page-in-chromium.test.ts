import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { htmlReport } from "../../../../cli/report/html-report.ts";
import type { Report } from "../../../../cli/report/report-data.ts";
import type { Properties } from "../../../../provider/schema/input-rules.ts";
import { browserFor, startBrowser } from "../../../helpers/browser.ts";
import { packageRoot } from "../../../helpers/engine.ts";
import {
    actionId,
    everyKind,
    incident,
    machineName,
    possiblyRan,
    prevented,
    reportOf,
    soundFindings,
    tooLate,
} from "../../../helpers/report-scenes.ts";

/** Where the screenshots are, for a person to look at. Git ignores the folder. */
const pictures = join(packageRoot, "reports", "page");

const sixty = incident(60);
const manyResults = incident(990);
const longName = `${"a-machine-whose-name-is-as-long-as-a-name-can-get.".repeat(3)}contoso.example`;
const reports: Readonly<Record<string, Report>> = {
    incident: reportOf(sixty, { findings: soundFindings(sixty) }),
    every: reportOf(everyKind.map((kind, index) => kind(index + 1))),
    long: reportOf(
        [tooLate(1), possiblyRan(2), prevented(3)].map((result) => ({
            ...result,
            computerDnsName: longName,
            requestor: longName,
            requestorComment: longName.replaceAll("-", ""),
            title: longName,
        })),
    ),
    one: reportOf(incident(1)),
    many: reportOf(manyResults),
};

let browser: Browser | undefined;
let folder = "";

test.before(async () => {
    folder = await mkdtemp(join(tmpdir(), "defender-page-"));
    await mkdir(pictures, { recursive: true });
});

test.after.always(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
});

/** Opens a tab of the one browser; undefined without a browser. */
async function openTab(t: ExecutionContext, options: BrowserContextOptions = {}): Promise<Page | undefined> {
    const executable = browserFor(t, "the report's page");
    if (executable === undefined) {
        return undefined;
    }
    browser ??= await startBrowser(executable);
    return browser.newPage(options);
}

/** Opens the page of a report in a tab. */
async function show(page: Page, name: string): Promise<void> {
    const path = join(folder, `${name}.html`);
    await writeFile(path, htmlReport(reports[name] ?? reportOf([])));
    await page.goto(pathToFileURL(path).href);
}

/**
 * The lowest contrast of all text, by WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. AA wants at least 4.5.
 */
const lowestContrast = `(() => {
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([red, green, blue]) => [red, green, blue].map((one) => one / 255)
        .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => {
        const [red, green, blue, alpha = 1] = parse(getComputedStyle(element).backgroundColor);
        return alpha === 1 ? [red, green, blue] : behind(element.parentElement);
    };
    const texts = [...document.querySelectorAll("body *")].filter((element) =>
        [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim()) && element.tagName !== "title");
    return Math.min(...texts.map((element) => {
        const style = getComputedStyle(element);
        const colour = light(parse(element.closest("svg") ? style.fill : style.color));
        const ground = light(behind(element));
        return (Math.max(colour, ground) + 0.05) / (Math.min(colour, ground) + 0.05);
    }));
})()`;

const width = (page: Page) => page.evaluate("document.documentElement.scrollWidth");
const bottom = async (page: Page, selector: string) => {
    const box = await page.locator(selector).boundingBox();
    return (box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0);
};

/** In light and in dark, all text has enough contrast. Makes a picture of each. */
async function checkColours(t: ExecutionContext, page: Page, picture: string): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const contrast = await page.evaluate(lowestContrast);
        t.true(Number(contrast) >= 4.5, `${picture}, ${colorScheme}: ${contrast}`);
        await page.screenshot({ path: join(pictures, `${picture}-${colorScheme}.png`) });
    }
}

test.serial("on a desktop, title, verdict and machines are above the fold, and nothing overflows", async (t) => {
    const page = await openTab(t, { viewport: { width: 1280, height: 800 } });
    if (page === undefined) {
        return;
    }
    for (const name of ["one", "long", "every", "incident"]) {
        await show(page, name);
        t.is(await width(page), 1280, name);
        const region = "document.querySelector('.actions .wide')";
        t.true(await page.evaluate(`${region}.scrollWidth <= ${region}.clientWidth`), "no column is hidden");
        t.true((await bottom(page, "h1")) < 150);
        t.true((await bottom(page, ".verification")) < 200);
        t.true((await bottom(page, ".verdict h2")) < 260);
        await checkColours(t, page, `desktop-${name}`);
    }
    t.true((await bottom(page, ".verdict")) < 400, "the verdict of the incident, with its five machines");
    const signs = `["good", "check", "bad"].map((name) =>
        getComputedStyle(document.querySelector("td." + name), "::before").content)`;
    t.deepEqual(await page.evaluate(signs), ['"✓"', '"?"', '"!"'], "a sign beside each colour");
    const colours = `new Set(["good", "check", "bad"].map((name) => getComputedStyle(document.querySelector("td." + name)).color)).size`;
    t.is(await page.evaluate(colours), 3);
    await page.close();
});

test.serial("on a phone, each card shows outcome and effect without scrolling sideways, and no timeline", async (t) => {
    const page = await openTab(t, { viewport: { width: 390, height: 844 } });
    if (page === undefined) {
        return;
    }
    for (const name of ["long", "every", "incident"]) {
        await show(page, name);
        t.is(await width(page), 390, name);
        t.false(await page.locator(".timeline").isVisible());
        t.true((await bottom(page, ".verdict h2")) < 422, "in the upper half");
        const boxes = `[...document.querySelectorAll(".actions tbody tr")].flatMap((row) =>
            [...row.children].filter((cell) => cell.textContent).map((cell) => cell.getBoundingClientRect()))`;
        const outside = `${boxes}.filter(({ left, right, height }) => left < 0 || right > 390 || height < 10).length`;
        t.is(await page.evaluate(outside), 0, name);
        await checkColours(t, page, `phone-${name}`);
    }
    const row = page.locator(".actions tbody tr").first();
    await row.scrollIntoViewIfNeeded();
    for (const text of ["Too late: Succeeded, acknowledged", "Ran"]) {
        t.true(await row.getByText(text, { exact: true }).isVisible());
    }
    await page.screenshot({ path: join(pictures, "phone-cards.png") });
    await page.close();
});

test.serial("in a narrow window, the table scrolls by the keyboard, and the machine stays", async (t) => {
    const page = await openTab(t, { viewport: { width: 820, height: 900 } });
    if (page === undefined) {
        return;
    }
    await show(page, "incident");
    t.is(await width(page), 820);
    const focused = "document.activeElement.getAttribute('aria-labelledby') ?? document.activeElement.tagName";
    const seen: unknown[] = [];
    for (let step = 0; step < 3; step += 1) {
        await page.keyboard.press("Tab");
        seen.push(await page.evaluate(focused));
        t.is(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid");
    }
    t.deepEqual(seen, ["timeline", "actions", "SUMMARY"]);
    await page.evaluate("document.querySelector('.actions .wide').scrollLeft = 300");
    const cellAt = async (cell: string) => (await page.locator(`.actions tbody ${cell}`).first().boundingBox())?.x;
    t.is(await cellAt("th"), 24);
    t.true(Number(await cellAt("td")) < 24, "the next column has moved below it");
    await page.locator(".record summary").first().press("Enter");
    t.true(await page.locator(".record dl").isVisible());
    await page.close();
});

const run = promisify(execFile);

/** The text of each page of a PDF, by poppler's `pdftotext` if it is on the PATH. */
async function textOfPages(t: ExecutionContext, path: string): Promise<string[]> {
    try {
        const { stdout } = await run("pdftotext", ["-layout", path, "-"], { maxBuffer: 50_000_000 });
        return stdout.split("\f").slice(0, -1);
    } catch (error) {
        t.is((error as NodeJS.ErrnoException).code, "ENOENT");
        t.log("no pdftotext on the PATH (Debian: apt-get install poppler-utils): the text of the pages was not read");
        return [];
    }
}

/** What the row of an action says on paper, machine first. */
function wordsOf(result: Properties, number: number): string[] {
    const { status, statusBeforeCancel, requestedAtUtc, confirmedAtUtc } = result;
    const isLate = status === "Succeeded";
    const times = [requestedAtUtc, confirmedAtUtc].filter((time) => time !== undefined);
    return [
        machineName(number),
        isLate ? "Too late: Succeeded" : "Cancelled",
        isLate ? "Ran" : statusBeforeCancel === "Pending" ? "Prevented" : "May have run",
        ...["Isolate", "soar@contoso.example “playbook 12”", String(statusBeforeCancel), "19:00:00"],
        ...times.map((time) => String(time).slice(11, 19)),
        actionId(number),
    ];
}

for (const [name, results, format, most] of [
    ["incident", sixty, "A4", 3],
    ["incident", sixty, "Letter", 3],
    ["many", manyResults, "A4", 24],
] as const) {
    test.serial(
        `on paper, ${results.length} rows are at most ${most} pages of ${format}, with every column`,
        async (t) => {
            // Paper is light, also from a dark screen.
            const page = await openTab(t, { colorScheme: "dark" });
            if (page === undefined) {
                return;
            }
            await show(page, name);
            const path = join(folder, "report.pdf");
            const pdf = (await page.pdf({ path, format, printBackground: true })).toString("latin1");
            const pages = pdf.match(/\/Type \/Page\b/g)?.length ?? 0;
            t.true(pages > 0 && pages <= most, `${pages} pages, in Arial or a font of its widths (fonts-liberation)`);
            const [, across = "", down = ""] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
            t.true(Number(across) > Number(down), "landscape");

            const texts = await textOfPages(t, path);
            const withoutHeadings = texts.filter((text) => !/^Machine +Outcome +Effect +Re-issued +Type/m.test(text));
            t.true(withoutHeadings.length <= 1, "each page of the table has the headings");
            const lines = texts.flatMap((text) => text.split("\n"));
            for (const [at, result] of texts.length > 0 ? results.entries() : []) {
                // All in one line: a row that is split over two pages, or a column that is cut off, is not.
                const words = wordsOf(result, at + 1);
                t.true(
                    lines.some((line) => words.every((word) => line.includes(word))),
                    words.join(" "),
                );
            }

            if (name === "incident") {
                await page.emulateMedia({ media: "print" });
                await page.setViewportSize({ width: format === "A4" ? 1054 : 987, height: 700 });
                t.is(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
                const cut = `[...document.querySelectorAll(".actions :is(th, td)")].filter((cell) => {
                const { right, height } = cell.getBoundingClientRect();
                return right > innerWidth || height === 0 || cell.scrollWidth > cell.clientWidth;
            }).length`;
                t.is(await page.evaluate(cut), 0, "nothing is cut");
                const split = `[...document.querySelectorAll("tr")].map((row) => getComputedStyle(row).breakInside)`;
                t.deepEqual([...new Set((await page.evaluate(split)) as string[])], ["avoid"]);
                await page.screenshot({ path: join(pictures, `print-${format}.png`), fullPage: true });
            }
            await page.close();
        },
    );
}
