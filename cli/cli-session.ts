import { readSettings, type Settings } from "../provider/config.ts";
import { openSession, type Session } from "../provider/session.ts";
import type { CliHost } from "./host.ts";
import type { Printer } from "./printer.ts";

/** The settings as the provider reads them from the environment. There is no stack config here. */
export function cliSettings({ env }: CliHost): Settings {
    return readSettings(() => undefined, env);
}

/** What the core works with: the same client, quota and sign-in as in a plugin. */
export function openCliSession(host: CliHost, printer: Printer): Session {
    const { clock, stop, ties } = host;
    return openSession(cliSettings(host), { clock, stop, say: (line) => printer.note(line), ...ties });
}
