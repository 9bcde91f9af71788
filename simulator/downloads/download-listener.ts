import type { RequestListener } from "node:http";
import type { MachineActionRow } from "../actions/machine-action.ts";
import { commandResultOf, type Download, packageOf } from "./contents.ts";
import { type DownloadLinks, downloadsPath } from "./download-links.ts";

/** The name of a collected package in {@link DownloadLinks.sign}. */
export function packageName(actionId: string): string {
    return `${actionId}/InvestigationPackage.zip`;
}

/** The name of a live response's result in {@link DownloadLinks.sign}. */
export function commandResultName(actionId: string, index: number): string {
    return `${actionId}/CustomPlaybookCommandOutput/${index}`;
}

/** Answers the links to downloads itself, and passes all other requests on. */
export function withDownloads(
    rest: RequestListener,
    links: DownloadLinks,
    find: (id: string) => MachineActionRow | undefined,
    now: () => number,
): RequestListener {
    function downloadAt(path: string): Download | undefined {
        const [id = "", , index = ""] = path.slice(downloadsPath.length).split("/");
        const row = find(id);
        if (row === undefined) {
            return undefined;
        }
        return path === downloadsPath + packageName(id) ? packageOf(row) : commandResultOf(row, Number(index));
    }

    return (request, response) => {
        const [path = "", query = ""] = (request.url ?? "").split("?");
        if (!path.startsWith(downloadsPath)) {
            return rest(request, response);
        }
        request.resume();
        const isRead = request.method === "GET" || request.method === "HEAD";
        const allowed = isRead && links.opens(path, query);
        const { contentType, body } = (allowed ? downloadAt(path) : undefined) ?? refusal;
        response.writeHead(body === refusal.body ? 403 : 200, {
            "content-type": contentType,
            "content-length": String(body.length),
            date: new Date(now()).toUTCString(),
        });
        response.end(request.method === "HEAD" ? undefined : body);
    };
}

const refusal: Download = {
    contentType: "application/xml",
    body: Buffer.from(
        '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>' +
            "Server failed to authenticate the request. The signature is wrong, or the link has expired." +
            "</Message></Error>",
    ),
};
