import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { packageRoot } from "./engine.ts";
import { type Project, startProject } from "./project.ts";

interface YamlProgram {
    readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: object }>>;
}

/**
 * A project with the stack `prod` and the resources of a YAML program, whose plugin is in `node_modules`. It registers
 * what Pulumi's YAML host does, which is not on package registries; `npm run test:languages` builds it.
 */
export async function startYamlProgram(
    program: string,
    environment: Readonly<Record<string, string>>,
): Promise<Project> {
    const { resources } = parse(program) as YamlProgram;
    const project = await startProject(
        {
            "index.js": `const { CustomResource } = require("@pulumi/pulumi");
                for (const [name, { type, properties }] of Object.entries(${JSON.stringify(resources)})) {
                    new CustomResource(type.replace(":", ":index:"), name, properties);
                }`,
            "package.json": '{ "main": "index.js" }',
            "Pulumi.yaml": program.replace("runtime: yaml", "runtime: nodejs"),
        },
        environment,
        { typescript: false },
    );
    await mkdir(join(project.folder, "node_modules"));
    await symlink(packageRoot, join(project.folder, "node_modules", "pulumi-defender-cancellation"), "junction");
    await project.pulumi("stack", "init", "prod");
    return project;
}

/** The YAML program with one set. `inputs`: its properties. */
export function programOfSet(name: string, inputs: object): string {
    return `name: incident-4711
runtime: yaml
plugins:
  providers: [{ name: defender, path: node_modules/pulumi-defender-cancellation/plugin }]
resources:
  ${name}:
    type: defender:MachineActionCancellationSet
    properties: ${JSON.stringify(inputs)}
`;
}
