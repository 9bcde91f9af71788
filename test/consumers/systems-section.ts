/**
 * The part of docs/compatibility.md about operating systems. Each area says what holds on Windows and macOS, where
 * nothing was run: the code was read against the documentation of Node.js and of the system.
 */
interface Area {
    readonly name: string;
    /** Where it is tried. */
    readonly tried: "on Linux" | "on Linux, and by tests that name Windows as the system";
    /** What reading the code showed for Windows and macOS. */
    readonly read: string;
}

const byName = "on Linux, and by tests that name Windows as the system";

export const areas: readonly Area[] = [
    {
        name: "Paths",
        tried: "on Linux",
        read: "all are joined and compared by `node:path`, drives included; a guard's path and the working tree are compared as the system resolves them. The record of an `apply` keeps the path of its file as it was typed, so `report --verify` finds that file on the same system only.",
    },
    {
        name: "Cache folder (quota, locks, Pulumi CLI)",
        tried: byName,
        read: "`%LOCALAPPDATA%`, `~/Library/Caches`, or `XDG_CACHE_HOME` where it is set. Windows shows neither owner nor mode of a file, so only the user's profile protects it there.",
    },
    {
        name: "Locks and shared files",
        tried: "on Linux",
        read: "Windows replaces no open file and no folder, so both are removed first. Without `/proc`, a lock whose holder cannot be told from a later process of the same id is broken after a wait.",
    },
    {
        name: "Signals",
        tried: "on Linux",
        read: "Windows sends Ctrl-C, Ctrl-Break (`SIGBREAK`), and `SIGHUP` when the window closes, after which the process has about 10 seconds. `taskkill` and a kill from another process end at once, as SIGKILL does.",
    },
    {
        name: "End of the engine",
        tried: byName,
        read: "a plugin ends when the pipe from its engine closes. The run's count of `maxPerRun` knows the engine by `/proc` or `ps`, and on Windows by its address alone.",
    },
    {
        name: "Variables mapped by `envVarMappings`",
        tried: "on Linux",
        read: "the constructor of `DefenderProvider` refuses the option everywhere. The plugin process compares its environment with the engine's by `/proc`, so it notices the option on Linux alone.",
    },
    {
        name: "Line ends and encodings",
        tried: "on Linux",
        read: "declarations, guards, states and certificates may have CRLF, a byte order mark, or UTF-16 (`>` of Windows PowerShell 5.1). The digest of a declaration does not depend on them; `fileSha256` and `guardSha256` are hashes of the bytes, so a checkout must not change line ends (`.gitattributes`).",
    },
    {
        name: "Plugin and CLI",
        tried: "on Linux",
        read: "`pulumi-resource-defender.cmd` starts the plugin on Windows. The commands start `pulumi` as a program, so on Windows it must be `pulumi.exe`; a `pulumi.cmd` of a package manager is not found.",
    },
    {
        name: "Terminal",
        tried: "on Linux",
        read: "Windows Terminal, PowerShell and Terminal.app understand the few sequences in use. The keys of the simulator need a terminal in raw mode. On Windows the simulator prints its variables for PowerShell.",
    },
    {
        name: "Shells",
        tried: "on Linux",
        read: "`npm run` scripts start Node.js alone. `examples/gitops` runs bash on a Linux runner. From Windows, commit its scripts as executable: `git add --chmod=+x *.sh`. Blocks with `export` are for bash or zsh; in PowerShell: `$env:NAME = 'value'`.",
    },
    {
        name: "Set-up of a clone",
        tried: "on Linux",
        read: "links are junctions on Windows; Node.js, npm and the CLI are found by their Windows names.",
    },
];

export function renderSystems(): string {
    const lines = areas.map(({ name, tried, read }) => `- **${name}.** Tried ${tried}. Only read: ${read}`);
    return `## Windows and macOS

The package is tried on Linux alone. For Windows and macOS, what users run was read through, area by area:

${lines.join("\n")}
`;
}
