import { type ClientKind, operations } from "./client-kind.ts";

/** The page that tells which clients work on the simulator: a row for each operation, a column for each client. */
export function clientsPage(kinds: readonly ClientKind[]): string {
    const reasons: string[] = [];
    const cell = (kind: ClientKind, operation: (typeof operations)[number]): string => {
        const reason = kind.reasons?.[operation];
        if (reason === undefined) {
            return kind.recordings[operation] === undefined ? "–" : "works";
        }
        const known = reasons.indexOf(reason);
        return `[${known === -1 ? reasons.push(reason) : known + 1}]`;
    };
    const rows = operations.map((operation) => [operation, ...kinds.map((kind) => cell(kind, operation))]);
    const table = [["", ...kinds.map(({ name }) => name)], ["---", ...kinds.map(() => "---")], ...rows]
        .map((cells) => `| ${cells.join(" | ")} |`)
        .join("\n");
    return `# Clients that work on the simulator

The tests of this package send the simulator the requests of these clients, written from their public source code where there is one, otherwise from documentation: method, path, query, headers and body. They check the parts of the answer that the client reads (\`test/simulator/clients/\`). \`npm run test:clients -- --table\` writes this table from the same source.

"works": the client gets what it needs. –: the client does not do this. A number: it cannot work, for the reason below.

${table}

${reasons.map((reason, index) => `[${index + 1}] ${reason}\n`).join("\n")}
The simulator accepts two forms that Microsoft does not document, because products in use send them. Whether production accepts them is not known:

- JSON with the content type \`application/x-www-form-urlencoded\`, PowerShell's default: all POST requests of PSMDE, and the cancel requests of MDEAutomator.
- \`GET\` instead of \`POST\` at the v1 token endpoint, with the form in the body: Sekoia.

\`npm run test:clients\` runs real libraries and programs, unmodified, against the simulator: [CONTRIBUTING.md](https://github.com/OWNER/pulumi-defender-cancellation/blob/main/CONTRIBUTING.md) lists them.
`;
}
