/** The headings of `--help`, in their order. */
export type Topic = "Fleet" | "Access" | "Network" | "Faults" | "Output";

/** A flag of the command line. */
export interface Flag {
    /** Without the two hyphens. */
    readonly name: string;
    readonly short?: string;
    /** The name of its value in `--help`. Without it, the flag is a switch. */
    readonly value?: string;
    /** Whether it may be given several times. */
    readonly repeatable?: true;
    readonly topic: Topic;
    /** Its description in `--help`, which breaks the lines. */
    readonly text: string;
    /** Lines that `--help` shows as they stand, below the description. */
    readonly example?: readonly string[];
}

/**
 * All flags of the command line. The parser, `--help` and the search for the nearest name go by this table. A test
 * compares it with the table in README.md.
 */
export const flags: readonly Flag[] = [
    {
        name: "scenario",
        value: "NAME",
        topic: "Fleet",
        text: "begin with one of the scenarios below (default: demo)",
    },
    {
        name: "fleet",
        value: "FILE",
        topic: "Fleet",
        text: 'begin with the actions of a JSON file, in place of a scenario; "count" repeats an entry, {n} in a name numbers it:',
        example: [
            '[{ "count": 40, "type": "Isolate", "requestor": "soar@contoso.example",',
            '   "computerDnsName": "ws-{n}.contoso.example", "ageMinutes": 40,',
            '   "behaviour": "pending", "machine": { "lastSeenMinutesAgo": 600,',
            '     "backAfterMinutes": 5, "backEveryMinutes": 1 } }]',
            'with "backAfterMinutes" a machine comes online then; its actions start and',
            "end after that",
        ],
    },
    {
        name: "machines",
        value: "FILE",
        topic: "Fleet",
        text:
            "add the machines of a JSON file; they are online unless the file says otherwise, so that the actions that " +
            "are submitted on them start and end by themselves:",
        example: [
            '[{ "count": 60, "computerDnsName": "ws-{n}.contoso.example",',
            '   "runsForSeconds": 40 },',
            ' { "count": 5, "offlineAfterMinutes": 2, "backAfterMinutes": 5 }]',
        ],
    },
    {
        name: "speed",
        value: "N",
        topic: "Fleet",
        text: "let actions and machines run N times as fast; quotas, tokens and all times shown stay real",
    },
    {
        name: "steps",
        topic: "Fleet",
        text: "let time stand still until the key a, or a line `advance SECONDS` on standard input",
    },
    {
        name: "token",
        value: "T",
        topic: "Access",
        text: "accept only this bearer token (default: any)",
    },
    {
        name: "sign-in",
        topic: "Access",
        text:
            "start an Entra sign-in over TLS, and accept only its tokens; its applications are the canceller Incident " +
            "rescue (Machine.Read.All, Machine.Isolate), the reader Incident reader (Machine.Read.All), and those of " +
            "--app and --apps",
    },
    {
        name: "app",
        value: "NAME:ROLE,...",
        repeatable: true,
        topic: "Access",
        text:
            "register an application with a name, roles and a secret of its own, which NAME_CLIENT_ID and " +
            "NAME_CLIENT_SECRET show; may be given again; turns the sign-in on",
    },
    {
        name: "apps",
        value: "FILE",
        repeatable: true,
        topic: "Access",
        text:
            "register the applications of a JSON file; an entry may also have tenantId, tenantDomain, clientId, " +
            "objectId, clientSecret, certificate (PEM, or its file) and federated; turns the sign-in on:",
        example: [
            '[{ "name": "SOAR", "roles": ["Machine.Read.All", "Machine.Isolate"],',
            '   "federated": { "issuer": "https://issuer.example",',
            '     "subject": "repo:contoso/soar" } }]',
        ],
    },
    {
        name: "cancellation-requestor",
        value: "FORM",
        topic: "Access",
        text: "how the API shows an application that cancels: app-id (default), object-id or display-name",
    },
    {
        name: "forbidden-wording",
        value: "YEAR",
        topic: "Access",
        text: "how the API words a 403 to an application that lacks a role: as since 2026 (default), or as in 2021",
    },
    {
        name: "quota",
        value: "N/SECONDS",
        repeatable: true,
        topic: "Access",
        text:
            "answer 429 to an application that has sent N requests in that many seconds, in any " +
            "such period; may be given again, for a longer period",
    },
    {
        name: "port",
        value: "N",
        topic: "Network",
        text: "serve the API on this port (default: any free one)",
    },
    {
        name: "host",
        value: "ADDRESS",
        topic: "Network",
        text: "serve on this address (default: 127.0.0.1); 0.0.0.0 for all, which the whole network can reach",
    },
    {
        name: "tls",
        topic: "Network",
        text:
            "serve the API over TLS, with a certificate for this machine and for the hosts of Defender in all clouds; " +
            "with --sign-in, the port also answers for the hosts of Entra",
    },
    {
        name: "hosts",
        value: "NAME,...",
        topic: "Network",
        text: "make the certificate for these names or addresses instead of the hosts of Defender; turns TLS on",
    },
    {
        name: "ca-file",
        value: "FILE",
        topic: "Network",
        text:
            "write the certificate authority that clients must trust to this file, and keep it at the end (default: " +
            "a file that is removed at the end); with --tls, --hosts or --sign-in",
    },
    {
        name: "page",
        topic: "Network",
        text: "serve a live page of the fleet, the requests and the quota, on any free port of 127.0.0.1",
    },
    {
        name: "page-address",
        value: "HOST:PORT",
        topic: "Network",
        text: "serve the live page there, such as on 0.0.0.0:8080 for a phone in the same network",
    },
    {
        name: "faults",
        value: "FILE",
        topic: "Faults",
        text: "make requests fail as a JSON file says; the first entry that fits a request applies:",
        example: [
            '[{ "operation": "cancel", "nth": 1, "fault": "drop after" },',
            ' { "operation": "get", "nth": [2, 3],',
            '   "fault": { "name": "429", "retryAfterSeconds": 8 } }]',
            'an entry without "operation", "nth" or "actionId" fits requests with any',
            'value of it; "operation" is get, list, cancel, create (a submission),',
            "machine, machines or other",
        ],
    },
    {
        name: "json",
        topic: "Output",
        text: "print JSON lines: first the simulator's address and its actions, then each request",
    },
    {
        name: "help",
        short: "h",
        topic: "Output",
        text: "show this text",
    },
];
