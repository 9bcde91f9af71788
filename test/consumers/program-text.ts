import type { Consumer } from "./matrix.ts";

export interface Declared {
    /** The machine action of the single resource, and that of the set. */
    readonly actionIds: readonly [string, string];
    readonly comment: string;
}

const imported = "loadCancellations, MachineActionCancellation, MachineActionCancellationSet";

/** The Pulumi program of a row. `shared`: the package of the workspace to import the comment from. */
export function programText({ modules, program }: Consumer, { comment }: Declared, shared: string | undefined): string {
    const isTyped = program.language === "TypeScript";
    const isStripped = isTyped && program.run === "Node's type stripping";
    const isModule = isTyped || modules === "ES module";
    const exported = (name: string) => (isModule ? `export const ${name}` : `exports.${name}`);
    return [
        isModule ? 'import * as pulumi from "@pulumi/pulumi";' : 'const pulumi = require("@pulumi/pulumi");',
        isModule
            ? `import { ${imported} } from "pulumi-defender-cancellation";`
            : `const { ${imported} } = require("pulumi-defender-cancellation");`,
        shared ? `import { comment } from "${shared}";` : `const comment = ${JSON.stringify(comment)};`,
        // An enum is code: a program that has one does not run where Node only strips types.
        isTyped && !isStripped ? 'enum Name { Set = "playbook-12" }' : 'const Name = { Set: "playbook-12" };',
        `const machineActionId${isTyped ? ": string" : ""} = new pulumi.Config().require("machineActionId");`,
        'const cancellation = new MachineActionCancellation("wrong-isolation", { machineActionId, comment });',
        'new MachineActionCancellationSet(Name.Set, loadCancellations("incident.yaml"));',
        `${exported("confirmedAtUtc")} = cancellation.confirmedAtUtc;`,
        `${exported("node")} = process.version;`,
        "",
    ].join("\n");
}

/** The declaration file that the program's set is read from. */
export function declarationFile({ actionIds, comment }: Declared): string {
    const lines = ["version: 1", `comment: ${JSON.stringify(comment)}`, "cancellations:"];
    return [...lines, `    - machineActionId: ${actionIds[1]}`, ""].join("\n");
}
