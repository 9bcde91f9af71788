// Writes declaration.schema.json, with which editors check declaration files, plugin/schema.json, from which Pulumi knows
// the provider plugin, and the table of its settings in docs/: npm run schema
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { declarationJsonSchema } from "../provider/schema/declaration-file/declaration-schema.ts";
import { packageSchemaText } from "./plugin-schema/package-schema.ts";
import { type SettingSpec, settingsPage, settingsTable, withSettingsTable } from "./plugin-schema/settings-page.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "declaration.schema.json"), `${JSON.stringify(declarationJsonSchema(), undefined, 4)}\n`);
mkdirSync(join(root, "plugin"), { recursive: true });
const packageSchema = packageSchemaText();
writeFileSync(join(root, "plugin", "schema.json"), packageSchema);
const { config } = JSON.parse(packageSchema) as { config: { variables: Record<string, SettingSpec> } };
const page = join(root, settingsPage);
writeFileSync(page, withSettingsTable(readFileSync(page, "utf8"), settingsTable(config.variables)));
