// Writes declaration.schema.json, with which editors check declaration files, and plugin/schema.json, from which Pulumi
// knows the provider plugin: npm run schema
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { declarationJsonSchema } from "../provider/schema/declaration-file/declaration-schema.ts";
import { packageSchemaText } from "./plugin-schema/package-schema.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "declaration.schema.json"), `${JSON.stringify(declarationJsonSchema(), undefined, 4)}\n`);
mkdirSync(join(root, "plugin"), { recursive: true });
writeFileSync(join(root, "plugin", "schema.json"), packageSchemaText());
