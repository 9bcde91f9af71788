import { createHash } from "node:crypto";
import { createElements } from "./browser/dom.ts";
import { createFleetView } from "./browser/fleet-view.ts";
import { livePage } from "./browser/live-page.ts";
import { createSideViews } from "./browser/side-views.ts";
import { cancellerWords, clockTime, counted, quotaWords, shortTime, statusGroups } from "./browser/words.ts";
import { pageStyle } from "./page-style.ts";

/** The page, and the policy that allows only its own style, script and stream. */
export interface PageDocument {
    readonly html: string;
    readonly policy: string;
}

/**
 * The page runs the source of these functions. So each of them may use only its parameters, the others of this list, and
 * what every browser has.
 */
const functions: readonly ((...args: never[]) => unknown)[] = [
    statusGroups,
    shortTime,
    clockTime,
    cancellerWords,
    quotaWords,
    counted,
    createElements,
    createFleetView,
    createSideViews,
    livePage,
];

export function pageDocument(): PageDocument {
    const script = `"use strict";
${functions.map(String).join("\n")}
livePage(document, () => new EventSource("/events"));
`;
    const policy = [
        "default-src 'none'",
        `style-src '${hashOf(pageStyle)}'`,
        `script-src '${hashOf(script)}'`,
        "connect-src 'self'",
        // For the empty icon, which keeps browsers from requesting an icon.
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ].join("; ");
    return { html: htmlOf(script), policy };
}

function hashOf(text: string): string {
    return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function tile(id: string, name: string): string {
    const style = id === "reissues" ? "reissue" : id;
    return (
        `<div class="tile none ${style}" id="tile-${id}"${id === "other" ? " hidden" : ""}><dt>${name}</dt>` +
        `<dd class="number" id="number-${id}">0</dd><dd class="note" id="note-${id}"></dd></div>`
    );
}

function htmlOf(script: string): string {
    const groups = statusGroups();
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Defender simulator</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Defender simulator</h1>
<span id="clock"></span>
<span id="connection" class="connecting" role="status">connecting</span>
</header>
<p id="trouble" role="alert" hidden></p>
<dl id="numbers">
${[...groups, ["reissues", "Re-issues"] as const].map(([id, name]) => tile(id, name)).join("\n")}
</dl>
<div id="parts" aria-hidden="true">
${groups.map(([group]) => `<span class="${group}" id="part-${group}"></span>`).join("\n")}
</div>
<p id="announcement" class="unseen" role="status" aria-live="polite" aria-atomic="true"></p>
<main>
<section aria-labelledby="fleet-heading" tabindex="0">
<h2 id="fleet-heading">Fleet <small id="fleet-size"></small></h2>
<div id="fleet"></div>
</section>
<aside>
<section id="quota" aria-labelledby="quota-heading">
<h2 id="quota-heading">Quota</h2>
<p id="no-quota">No application has used a quota.</p>
<ul id="quotas"></ul>
</section>
<section id="happened" aria-labelledby="requests-heading" tabindex="0">
<h2 id="requests-heading">Latest requests</h2>
<p id="no-requests">None so far.</p>
<ol id="requests"></ol>
</section>
</aside>
</main>
<noscript>This page needs JavaScript.</noscript>
<script>${script}</script>
</body>
</html>
`;
}
