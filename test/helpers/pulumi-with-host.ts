// The Pulumi CLI with a language host that lives as long and has the same environment, as the CLI's own has.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startLanguageHost } from "./language-host.ts";

const [, , cli = "pulumi", ...args] = process.argv;
const host = await startLanguageHost(true, {});
const child = spawn(cli, [...args, `--client=${host.address}`], { stdio: "inherit" });
const [code] = await once(child, "close");
host.close();
process.exitCode = code ?? 1;
