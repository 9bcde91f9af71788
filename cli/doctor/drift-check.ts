import { typeOf } from "../../provider/model/resource-types.ts";
import { isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { firstOf } from "../../provider/text/first-of.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import { isView } from "../state/set-rows.ts";
import type { Check } from "./check.ts";

/** The maximum number of resources that the line names. */
const maxNamed = 20;

/** The inputs in which a refresh makes drift visible, as the first step of a property path, or all inputs. */
const shownIn: readonly unknown[] = ["desiredStatus", "deviations", "*"];

/**
 * Warns of resources of the plugin whose options turn drift into a replacement. The engine computes no detailed diff for
 * dynamic resources, so that it updates them in spite of the option. `json`: a stack export. Returns no check where there
 * is no such resource.
 */
export function driftChecks(json: string, name: string): Check[] {
    const lines = resourcesIn(JSON.parse(json)).flatMap(replacementIn);
    return lines.length === 0
        ? []
        : [{ name: "drift", verdict: "warn", detail: `${name}: ${firstOf(lines, maxNamed).join("; ")}` }];
}

function replacementIn(resource: Properties): string[] {
    const { type, urn, replaceOnChanges, protect } = resource;
    const paths = Array.isArray(replaceOnChanges) ? replaceOnChanges.map(String) : [];
    const found = paths.find((path) => shownIn.includes(firstStep(path)));
    if (typeOf(type)?.face !== "plugin" || isView(resource) || found === undefined) {
        return [];
    }
    const effect =
        protect === true
            ? "it is protected too, so that its drift stops the whole `pulumi up`"
            : "its drift is then repaired by a replacement, which drops its record";
    return [
        `${shortText(String(urn), 300)} has ${JSON.stringify(shortText(found, 80))} in the option replaceOnChanges, and ` +
            `${effect}: remove that from the option`,
    ];
}

/** The first step of a property path, such as `a` in `a.b`, `a[0]` and `["a"]`. */
function firstStep(path: string): string | undefined {
    const [, quoted, plain] = /^\[?(?:"([^"]*)"|([^.[\]"]+))/.exec(path) ?? [];
    return quoted ?? plain;
}

function resourcesIn(state: unknown): readonly Properties[] {
    const deployment = isObject(state) && isObject(state.deployment) ? state.deployment : {};
    return Array.isArray(deployment.resources) ? deployment.resources.filter(isObject) : [];
}
