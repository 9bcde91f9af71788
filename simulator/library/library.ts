import { createHash } from "node:crypto";
import { formatTime } from "../actions/machine-action.ts";

/** One file of the live response library as the API returns it; property names are the API's own. */
export interface LibraryFileRow {
    fileName: string;
    /** 64 hex digits. */
    sha256: string;
    description: string | null;
    creationTime: string;
    lastUpdatedTime: string;
    createdBy: string;
    hasParameters: boolean;
    parametersDescription: string | null;
}

/** A file to upload. */
export interface LibraryUpload {
    fileName: string;
    content: Buffer;
    description: string | null;
    hasParameters: boolean;
    parametersDescription: string | null;
    createdBy: string;
}

/** The files that live responses can put on machines or run there. File names are compared without regard to case. */
export interface Library {
    /** In the order of their upload. */
    files(): readonly LibraryFileRow[];
    find(fileName: string): LibraryFileRow | undefined;
    /** Adds a file, or replaces the one of that name. */
    upload(upload: LibraryUpload): LibraryFileRow;
    /** Returns whether there was such a file. */
    remove(fileName: string): boolean;
}

/** A library that holds the script of the live responses whose commands are not seeded. */
export function createLibrary(now: () => number): Library {
    const files = new Map<string, LibraryFileRow>();
    const key = (fileName: string): string => fileName.toLowerCase();

    function upload({ content, ...properties }: LibraryUpload, time: number): LibraryFileRow {
        const { creationTime } = files.get(key(properties.fileName)) ?? {};
        const lastUpdatedTime = formatTime(time);
        const { fileName, description, hasParameters, parametersDescription, createdBy } = properties;
        const row: LibraryFileRow = {
            fileName,
            sha256: createHash("sha256").update(content).digest("hex"),
            description,
            creationTime: creationTime ?? lastUpdatedTime,
            lastUpdatedTime,
            createdBy,
            hasParameters,
            parametersDescription,
        };
        files.set(key(fileName), row);
        return row;
    }

    upload(
        {
            fileName: "collect-triage.ps1",
            content: Buffer.from("Get-Process\n"),
            description: "Collects data for a triage",
            hasParameters: false,
            parametersDescription: null,
            createdBy: "soc@contoso.example",
        },
        Date.UTC(2024, 0, 15, 9, 30),
    );

    return {
        files: () => [...files.values()],
        find: (fileName) => files.get(key(fileName)),
        upload: (given) => upload(given, now()),
        remove: (fileName) => files.delete(key(fileName)),
    };
}
