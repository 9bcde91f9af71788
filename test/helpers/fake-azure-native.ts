/**
 * Replaces the plugin that Pulumi would download for `@pulumi/azure-native`, as far as the example uses it, without
 * Azure. It appends each call to the file FAKE_AZURE_NATIVE_LOG. Blobs cannot be changed, as under a policy.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";

/** One call of the engine. */
export interface AzureCall {
    readonly method: "create" | "update" | "delete" | "invoke";
    /** The type token of the resource or function. */
    readonly type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}

type Properties = Record<string, unknown>;

const { FAKE_AZURE_NATIVE_LOG: log = "", FAKE_AZURE_NATIVE_TOKEN: token = "" } = process.env;

function record(method: AzureCall["method"], type: string, inputs: Properties): void {
    appendFileSync(log, `${JSON.stringify({ method, type, inputs } satisfies AzureCall)}\n`);
}

function calls(): AzureCall[] {
    return readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
}

const typeOf = (urn: string) => urn.split("::")[2] ?? "";

const plugin: Provider = {
    version: "3.28.0",
    async check(urn, _olds, news) {
        return {
            inputs: typeOf(urn).endsWith(":StorageAccount") ? { accountName: "evidence1a2b3c4d", ...news } : news,
        };
    },
    async diff(_id, _urn, olds, news) {
        const changed = Object.keys(news).filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
        const replaces = changed.filter((name) => name === "blobName" || name === "source");
        // As azure-native does for resources without a random name.
        return { changes: changed.length > 0, replaces, deleteBeforeReplace: replaces.length > 0 };
    },
    async create(urn, inputs) {
        const type = typeOf(urn);
        const { blobName } = inputs;
        if (
            blobName !== undefined &&
            calls().some((call) => call.method === "create" && call.inputs.blobName === blobName)
        ) {
            throw new Error(`cannot create already existing resource "${blobName}"`);
        }
        record("create", type, inputs);
        const name = blobName ?? inputs.containerName ?? inputs.accountName;
        return { id: `/fake/${type}/${name}`, outs: { ...inputs, name, url: `https://blobs.example/${name}` } };
    },
    async update(_id, urn, _olds, news) {
        record("update", typeOf(urn), news);
        return { outs: news };
    },
    async delete(_id, urn, properties) {
        record("delete", typeOf(urn), properties);
    },
    async invoke(type, inputs) {
        record("invoke", type, inputs);
        return { outputs: { token } };
    },
};

await main(plugin, process.argv.slice(2));
