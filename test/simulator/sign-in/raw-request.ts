import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { SignInSimulator } from "../../../simulator/index.ts";

export interface RawRequest {
    method?: string;
    path: string;
    headers?: Readonly<Record<string, string>>;
    body?: string;
}

export interface RawAnswer {
    status: number;
    headers: Record<string, unknown>;
    text: string;
    /** The JSON of the body; empty if it is no object. */
    body: Record<string, unknown>;
}

/** Sends a request to the sign-in exactly as it stands, where libraries would correct or encode it. */
export async function sendRaw(
    { authorityUrl, certificate }: SignInSimulator,
    { method = "POST", path, headers = {}, body = "" }: RawRequest,
): Promise<RawAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
    const { hostname, port } = new URL(authorityUrl);
    request({ hostname, port, path, method, headers: { ...headers }, ca: certificate, agent: false }, (response) => {
        text(response).then((answer) => {
            const isJson = String(response.headers["content-type"]).startsWith("application/json");
            resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: answer,
                body: isJson ? JSON.parse(answer) : {},
            });
        }, reject);
    })
        .on("error", reject)
        .end(body);
    return await promise;
}
