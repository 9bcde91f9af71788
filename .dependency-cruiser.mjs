/**
 * Which folder may import which: a layer imports those below it, and no import goes in a circle, types included.
 * `test/architecture.test.ts` runs these rules with `npm test`.
 */

/** From the top. Folders in one line are one layer: they may import each other only where a rule below allows it. */
export const layers = [
    ["resources", "dynamic", "plugin"],
    ["session"],
    ["plan", "lifecycles"],
    ["reissues"],
    ["cancel"],
    ["guard"],
    ["observe"],
    ["machines"],
    ["api"],
    ["sign-in", "quota"],
    ["schema"],
    ["model"],
    ["system"],
    ["text"],
];

/** @type {"error"} */
const severity = "error";

/** @param {readonly string[]} names */
const folder = (names) => `^provider/(?:${names.join("|")})/`;

/**
 * @param {readonly (readonly string[])[]} layers
 * @returns {import("dependency-cruiser").IRegularForbiddenRuleType[]}
 */
export const layerRules = (layers) =>
    layers.flatMap((layer, depth) => [
        {
            name: `${layer.join(" and ")}: only what is below`,
            severity,
            from: { path: folder(layer) },
            to: { path: folder(layers.slice(0, depth).flat().concat("(?!)")) },
        },
        ...layer.map((name) => ({
            name: `${name}: nothing beside it`,
            severity,
            from: { path: folder([name]) },
            to: { path: folder(layer.filter((other) => other !== name).concat("(?!)")) },
        })),
    ]);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
    forbidden: [
        { name: "no circles", severity, from: {}, to: { circular: true } },
        ...layerRules(layers),
        {
            name: "the doors of the package are for its users",
            severity,
            from: { path: "^(?:provider|cli|policy|simulator)/" },
            to: { path: "^provider/(?:index|lifecycle)\\.ts$" },
        },
        {
            name: "only what programs construct loads the Pulumi SDK",
            severity,
            from: { path: "^(?:provider/(?!resources/|plugin/|index\\.ts$)|cli/|policy/)" },
            to: { path: "node_modules/@pulumi/", dependencyTypesNot: ["type-only"] },
        },
        {
            name: "the provider knows neither command nor policies nor simulator",
            severity,
            from: { path: "^provider/" },
            to: { path: "^(?:cli|policy|simulator)/" },
        },
        {
            name: "the simulator knows nothing of the others",
            severity,
            from: { path: "^simulator/" },
            to: { path: "^(?:provider|cli|policy)/" },
        },
        {
            name: "the simulator is another package: the command loads it by its name, when it is asked for",
            severity,
            from: { path: "^cli/" },
            to: { path: "^simulator/", dependencyTypesNot: ["dynamic-import", "type-only"] },
        },
        {
            name: "the policies load nothing that sends",
            severity,
            from: { path: "^policy/" },
            to: {
                path: "^(?:provider/(?:resources|dynamic|plugin|session|plan|lifecycles|reissues|cancel|observe|machines|api|sign-in|quota)|cli|simulator)/",
                dependencyTypesNot: ["type-only"],
            },
        },
        {
            name: "only TLS and the sign-in of the simulator load what they need",
            severity,
            from: { path: "^simulator/(?!sign-in/|http/certificates)" },
            to: { path: "node_modules/(?:jose|reflect-metadata|@peculiar)/", dependencyTypesNot: ["type-only"] },
        },
        {
            name: "no package that is not declared",
            severity,
            from: { path: "^(?:provider|cli|policy|simulator)/" },
            to: {
                path: "node_modules/(?!@pulumi/)",
                dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"],
            },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        exclude: { path: "^simulator/dist/" },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
        enhancedResolveOptions: {
            exportsFields: ["exports"],
            conditionNames: ["import", "require", "node", "default"],
        },
    },
};
