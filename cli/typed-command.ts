/** The name of the command, which its package installs in `node_modules/.bin`. */
export const commandName = "defender-cancellation";

const packageName = "pulumi-defender-cancellation";

/**
 * The words that start this command, as its user types them: with those of npx (npm 7 or later) or `pnpm exec` if it was
 * started by them. Then a shell without them finds no such command. `folder`: where this file is.
 */
export function typedCommand(env: NodeJS.ProcessEnv, folder: string = import.meta.dirname): string {
    const { npm_command: runner, npm_config_user_agent: agent = "", npm_config_package: fetched } = env;
    if (runner !== "exec") {
        return commandName;
    }
    if (agent.startsWith("pnpm/")) {
        return `pnpm exec ${commandName}`;
    }
    if (fetched) {
        return `npx -p ${fetched} ${commandName}`;
    }
    // npx has fetched the package into its cache. The command's name alone would fetch another package.
    return /[\\/]_npx[\\/]/.test(folder) ? `npx ${packageName}` : `npx ${commandName}`;
}

/** The text, in which each command between backticks begins with the words that the user types. */
export function inTypedWords(text: string, env: NodeJS.ProcessEnv): string {
    return text.replaceAll(`\`${commandName} `, () => `\`${typedCommand(env)} `);
}
