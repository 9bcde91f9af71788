import { readSettings, type Settings } from "../provider/session/config.ts";
import { openSession, type Session, type SessionDependencies } from "../provider/session/session.ts";
import type { CliHost } from "./host.ts";
import type { Printer } from "./printer.ts";

/** The settings as the provider reads them from the environment. The command has no stack config. */
export function cliSettings({ env }: CliHost): Settings {
    return readSettings(() => undefined, env);
}

/**
 * A session with the same client, quota, guard and sign-in as in a plugin. `own`: dependencies of this session only.
 */
export function openCliSession(host: CliHost, printer: Printer, own: SessionDependencies = {}): Session {
    const { clock, stop, ties } = host;
    return openSession(cliSettings(host), { clock, stop, log: (line) => printer.note(line), ...ties, ...own });
}
