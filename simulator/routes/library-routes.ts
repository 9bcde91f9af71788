import { ApiError } from "../http/errors.ts";
import { type FormField, parseMultipart } from "../http/multipart.ts";
import { libraryFileType } from "../odata/entity-types.ts";
import { type Answer, apiPath, at, type Call, listOf, notFound, type Route, type Tenant } from "./route.ts";

const libraryRoles: readonly string[] = ["Library.Manage"];

function list(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.library.files(), libraryFileType, tenant, call);
}

/** Adds a file. A file of that name is replaced only if the form says so. */
function upload({ library }: Tenant, { contentType, body, requestor }: Call): Answer {
    const form = parseMultipart(contentType, body);
    const file = form.get("file");
    if (file?.fileName === undefined || file.fileName === "") {
        throw new ApiError(400, "MissingRequiredParameter", "The required parameter File is missing.");
    }
    const { fileName, content } = file;
    const text = (name: string): string | null => form.get(name)?.content.toString() || null;
    if (library.find(fileName) !== undefined && !isTrue(form.get("overrideifexists"))) {
        throw new ApiError(400, "BadRequest", `The library already has a file ${fileName}.`);
    }
    const row = library.upload({
        fileName,
        content,
        description: text("description"),
        hasParameters: isTrue(form.get("hasparameters")),
        parametersDescription: text("parametersdescription"),
        createdBy: requestor,
    });
    return { status: 200, body: { "@odata.context": `${libraryFileType.context}/$entity`, ...row }, ids: [] };
}

function isTrue(field: FormField | undefined): boolean {
    return field?.content.toString().trim().toLowerCase() === "true";
}

function remove({ library }: Tenant, { id }: Call): Answer {
    if (!library.remove(id)) {
        throw notFound(`Library file ${id}`);
    }
    return { status: 204, body: undefined, ids: [] };
}

const libraryPath = `${apiPath}/libraryfiles`;

/** Reads and changes the files of the live response library. */
export const libraryRoutes: readonly Route[] = [
    at("GET", libraryPath, "other", libraryRoles, list),
    at("POST", libraryPath, "other", libraryRoles, upload),
    at("DELETE", `${libraryPath}/([^/]+)`, "other", libraryRoles, remove),
];
