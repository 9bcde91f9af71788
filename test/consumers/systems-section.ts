/**
 * The part of docs/compatibility.md about operating systems. Each area says what holds on Windows and macOS, where
 * nothing was run: the code was read against the documentation of Node.js and of the system.
 */
interface Area {
    readonly name: string;
    /** Whether tests on Linux name Windows as the system. Default: no. */
    readonly isTestedByName?: boolean;
    /** What reading the code showed for Windows and macOS. */
    readonly read: string;
}

export const areas: readonly Area[] = [
    {
        name: "Paths",
        read: "`node:path` joins and compares all, drives included; a guard's path and the working tree as the system resolves them. An `apply` records its file's path as typed, so `report --verify` finds it on the same system only.",
    },
    {
        name: "Cache folder (quota, locks, CLI)",
        isTestedByName: true,
        read: "`%LOCALAPPDATA%`, `~/Library/Caches`, or `XDG_CACHE_HOME` if set. Windows shows neither owner nor mode, so there the user's profile protects it.",
    },
    {
        name: "Locks, shared files",
        read: "Windows replaces no open file and no folder, so both are removed first. Without `/proc`, a lock whose holder may be a later process of that id is broken after a wait.",
    },
    {
        name: "Signals",
        read: "Windows sends Ctrl-C, Ctrl-Break (`SIGBREAK`), and `SIGHUP` when the window closes, with about 10 seconds left. `taskkill` and another process's kill act like SIGKILL.",
    },
    {
        name: "End of the engine",
        isTestedByName: true,
        read: "A plugin ends when its engine's pipe closes. `maxPerRun` knows the engine by `/proc` or `ps`, on Windows by its address alone.",
    },
    {
        name: "`envVarMappings`",
        read: "`DefenderProvider` refuses it everywhere; the plugin process notices it on Linux alone, by `/proc`.",
    },
    {
        name: "Line ends, encodings",
        read: "Declarations, guards, states and certificates may have CRLF, a byte order mark, or UTF-16 (`>` of Windows PowerShell 5.1). Digests of declarations ignore them; `fileSha256` and `guardSha256` hash the bytes, so a checkout must not change line ends (`.gitattributes`).",
    },
    {
        name: "Plugin, CLI",
        read: "On Windows, `pulumi-resource-defender.cmd` starts the plugin, and the commands find `pulumi.exe`, but no package manager's `pulumi.cmd`.",
    },
    {
        name: "Terminal",
        read: "Windows Terminal, PowerShell and Terminal.app know the sequences in use. The simulator's keys need raw mode; on Windows it prints variables for PowerShell.",
    },
    {
        name: "Shells",
        read: "`npm run` starts Node.js alone. `examples/gitops` needs bash on a Linux runner; from Windows, `git add --chmod=+x *.sh`. `export` is for bash or zsh; PowerShell has `$env:NAME = 'value'`.",
    },
    {
        name: "Clone",
        read: "On Windows, links are junctions, and Node.js, npm and the CLI are found by their names there.",
    },
];

export function renderSystems(): string {
    const lines = areas.map(({ name, isTestedByName, read }) => `- **${name}**${isTestedByName ? " †" : ""}: ${read}`);
    return `## Windows and macOS

For Windows and macOS, the code was only read (†: tests on Linux also name Windows as the system):

${lines.join("\n")}
`;
}
