import { readRoles } from "../access/roles.ts";
import { commandResultOf, type Download, packageOf } from "../downloads/contents.ts";
import { commandResultName, packageName } from "../downloads/download-listener.ts";
import { metadata } from "../odata/entity-type.ts";
import { visibleAction } from "./machine-action-routes.ts";
import { type Answer, actionsPath, at, type Call, notFound, type Route, type Tenant } from "./route.ts";

const context = `${metadata}#Edm.String`;

/** `index=0` in parentheses, also percent-encoded. */
const indexPattern = String.raw`(?:\(|%28) *index *(?:=|%3D) *(\d+) *(?:\)|%29)`;
const resultPattern = `GetLiveResponseResultDownloadLink${indexPattern}`;

/** The documentation has 404 for an action that exists but has no such file, or not yet. */
function linkTo(name: string, download: Download | undefined, { downloads }: Tenant, { id, origin }: Call): Answer {
    if (download === undefined) {
        throw notFound(`The file of machine action ${id}`);
    }
    const value = `${origin}${downloads.sign(name)}`;
    return { status: 200, body: { "@odata.context": context, value }, ids: [] };
}

function packageLink(tenant: Tenant, call: Call): Answer {
    return linkTo(packageName(call.id), packageOf(visibleAction(tenant, call)), tenant, call);
}

function resultLink(tenant: Tenant, call: Call): Answer {
    const index = Number(new RegExp(`${resultPattern}/?$`, "i").exec(call.path)?.[1]);
    const download = commandResultOf(visibleAction(tenant, call), index);
    return linkTo(commandResultName(call.id, index), download, tenant, call);
}

/** Links to the files that actions brought from their machines. */
export const resultRoutes: readonly Route[] = [
    at("GET", `${actionsPath}/([^/]+)/getPackageUri`, "other", readRoles, packageLink),
    at("GET", `${actionsPath}/([^/]+)/${resultPattern}`, "other", readRoles, resultLink),
];
