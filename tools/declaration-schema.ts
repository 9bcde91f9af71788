// Writes declaration.schema.json, which editors check declaration files with: npm run schema
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { declarationJsonSchema } from "../provider/schema/declaration-file/declaration-schema.ts";

const path = join(import.meta.dirname, "..", "declaration.schema.json");
writeFileSync(path, `${JSON.stringify(declarationJsonSchema(), undefined, 4)}\n`);
