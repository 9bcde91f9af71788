import { join } from "node:path";
import { execa } from "execa";
import { registryPackage } from "../helpers/registry-package.ts";

/** A package manager and its version, as the field of that name in package.json has them. */
export type PackageManager = `${"npm" | "pnpm" | "yarn"}@${string}`;

/** What a package manager reads beside package.json, by file name. */
export function settingsOf(manager: PackageManager, members: readonly string[]): Readonly<Record<string, string>> {
    if (manager.startsWith("pnpm@")) {
        // pnpm runs no script of a dependency that the project has not allowed, and fails until it has been decided.
        const lines = [...(members.length > 0 ? ["packages:", ...members.map((name) => `    - ${name}`)] : [])];
        return { "pnpm-workspace.yaml": [...lines, "allowBuilds:", "    protobufjs: false", ""].join("\n") };
    }
    if (manager.startsWith("yarn@1.")) {
        return { "yarn.lock": "" };
    }
    if (manager.startsWith("yarn@")) {
        // Without a lock file it would look for its project in the folders above.
        return { ".yarnrc.yml": "nodeLinker: node-modules\n", "yarn.lock": "" };
    }
    return {};
}

/** Installs what the project in the folder names. `store`: where pnpm and Yarn keep what they have fetched. */
export async function install(
    manager: PackageManager,
    folder: string,
    store: string,
    environment: Readonly<Record<string, string>>,
): Promise<void> {
    const [name = "", version = ""] = manager.split("@");
    const programs = await registryPackage(
        name === "yarn" && !version.startsWith("1.") ? "@yarnpkg/cli-dist" : name,
        version,
    );
    const args = {
        npm: ["install", "--prefer-offline", "--no-audit", "--no-fund"],
        pnpm: ["install", "--prefer-offline", "--store-dir", join(store, "pnpm")],
        yarn: ["install"],
    }[name];
    await execa(join(programs, ".bin", name), args, {
        cwd: folder,
        all: true,
        env: {
            ...environment,
            // On CI machines it would refuse to write the lock file, which a new project lacks.
            YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
            YARN_ENABLE_TELEMETRY: "false",
            YARN_GLOBAL_FOLDER: join(store, "yarn"),
            YARN_CACHE_FOLDER: join(store, "yarn-cache"),
        },
    });
}
