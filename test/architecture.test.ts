import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";
import rules, { layerRules, layers } from "../.dependency-cruiser.mjs";

const root = join(import.meta.dirname, "..");

/** The imports that break a rule, in words. */
async function violations(forbidden: IForbiddenRuleType[]): Promise<string[]> {
    const options = { ...rules.options, baseDir: root, validate: true, ruleSet: { forbidden } } as ICruiseOptions;
    const { output } = await cruise(["provider", "cli", "policy", "simulator"], options);
    const { summary } = output as ICruiseResult;
    return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

test("imports go down the layers, and never in a circle", async (t) => {
    t.deepEqual(await violations(rules.forbidden ?? []), []);
});

test("the rules see what they forbid: with the layers upside down, they find imports of all layers but the outermost", async (t) => {
    const upsideDown = layers.toReversed();
    const found = await violations(layerRules(upsideDown));
    const seen = upsideDown.filter((layer) => found.some((line) => line.startsWith(`${layer.join(" and ")}: only`)));
    t.deepEqual(seen, upsideDown.slice(1));
});

test("each folder of the provider is a layer, and only the two doors stand beside them", (t) => {
    const names = readdirSync(join(root, "provider"));
    t.deepEqual(names.toSorted(), [...layers.flat(), "index.ts", "lifecycle.ts"].toSorted());
});
