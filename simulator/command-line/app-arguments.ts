import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { knownRoles } from "../access/roles.ts";
import { checkForm } from "../forms/check-form.ts";
import { suggestion } from "../forms/nearest.ts";
import { type NamedApp, variablePrefix } from "./demo-apps.ts";
import { UsageError } from "./usage-error.ts";

/** The beginnings of environment variables that clients read as credentials of their own. */
const reserved = ["DEFENDER", "AZURE", "ARM"];

/** The applications of the flags `--app` and `--apps`. Throws when one is malformed, or two have the same name or id. */
export function readApps(inline: readonly string[], files: readonly string[]): NamedApp[] {
    const apps = [...inline.map(parseApp), ...files.flatMap(readAppsFile)];
    const taken = new Map<string, string>();
    for (const { name, tenantId = "", clientId } of apps) {
        const prefix = variablePrefix(name);
        if (prefix === "" || reserved.includes(prefix)) {
            const why = prefix === "" ? "must contain a letter from A to Z" : `would set ${prefix}_CLIENT_ID`;
            throw new UsageError(`the application ${name} needs another name: its name ${why}`);
        }
        const keys = { [prefix]: `the variable ${prefix}_CLIENT_ID` };
        if (clientId !== undefined) {
            keys[`${tenantId}/${clientId}`.toLowerCase()] = `the id ${clientId}`;
        }
        for (const [key, what] of Object.entries(keys)) {
            const other = taken.get(key);
            if (other === name && key === prefix) {
                throw new UsageError(
                    `the application ${name} is given twice: give all its roles in one entry or --app`,
                );
            }
            if (other !== undefined) {
                throw new UsageError(`the applications ${other} and ${name} both have ${what}: change one of them`);
            }
            taken.set(key, name);
        }
    }
    return apps;
}

function parseApp(text: string): NamedApp {
    const [, name = "", list = ""] = /^(.*):([^:]*)$/s.exec(text) ?? [];
    if (name.trim() === "" || name.length > maxName) {
        throw new UsageError(
            `--app must be NAME:ROLE,ROLE, such as SOAR:Machine.Read.All,Machine.Isolate, not ${text}`,
        );
    }
    const roles = list === "" ? [] : list.split(",").map((role) => role.trim());
    const complaint = roles.map(unknownRole).find((one) => one !== undefined);
    if (complaint !== undefined) {
        throw new UsageError(`--app ${text}: ${complaint}`);
    }
    return { name: name.trim(), roles };
}

/** What is wrong with the name of a role; undefined if it is one of the API's. */
function unknownRole(role: string): string | undefined {
    if (role === "") {
        return "a role is missing: write NAME:ROLE,ROLE";
    }
    return knownRoles.includes(role)
        ? undefined
        : `unknown role ${role}${suggestion(role, knownRoles) || `: the roles are ${knownRoles.join(", ")}`}`;
}

const maxName = 256;
const guid = z.guid();
const entry = z.strictObject({
    name: z.string().trim().min(1).max(maxName),
    roles: z.array(
        z.string().superRefine((role, context) => {
            const complaint = unknownRole(role);
            if (complaint !== undefined) {
                context.addIssue(complaint);
            }
        }),
    ),
    tenantId: guid.exactOptional(),
    tenantDomain: z.string().min(1).exactOptional(),
    clientId: guid.exactOptional(),
    objectId: guid.exactOptional(),
    clientSecret: z.string().min(1).exactOptional(),
    certificate: z.string().min(1).exactOptional(),
    federated: z.strictObject({ issuer: z.string(), subject: z.string() }).exactOptional(),
});

/** The properties whose values a message may show. */
const shownProperties = ["name", "roles", "tenantId", "tenantDomain", "clientId", "objectId"];

/** The applications of a JSON file. */
function readAppsFile(file: string): NamedApp[] {
    try {
        const apps = checkForm(z.array(entry), JSON.parse(readFileSync(file, "utf8")), "", shownProperties);
        return apps.map(({ certificate, ...app }, place) => ({
            ...app,
            ...(certificate === undefined ? {} : { certificate: readCertificate(place, certificate, file) }),
        }));
    } catch (error) {
        // The text of a JSON error shows a part of the file, which may contain a secret.
        const isJson = error instanceof SyntaxError;
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`--apps ${file}: ${isJson ? "the file is not valid JSON" : message}`);
    }
}

/** The PEM of a certificate: the text itself, or that of the file that it names, seen from the folder of `file`. */
function readCertificate(place: number, text: string, file: string): string {
    try {
        const pem = text.includes("-----BEGIN") ? text : readFileSync(resolve(dirname(file), text), "utf8");
        return new X509Certificate(pem).toString();
    } catch (error) {
        const isFile = error instanceof Error && "syscall" in error;
        const why = isFile ? error.message : "expected a certificate in PEM, or the path of its file";
        throw new TypeError(`[${place}].certificate: ${why}`);
    }
}
