import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import type { Simulator } from "../../../simulator/index.ts";
import type { ManualClock } from "../client.ts";
import type { Exchange, Placeholder } from "./client-kind.ts";
import { problemsIn } from "./expected-answer.ts";

/** The values for the placeholders of a recording. The replay itself changes `action` and `link`. */
export type Values = Partial<Record<Placeholder, string>>;

/** The simulated tenant to which a recording is sent. */
export interface Tenant {
    readonly simulator: Simulator;
    readonly clock: ManualClock;
    readonly values: Values;
    /** Sends the requests to the sign-in instead of the API. */
    readonly toSignIn?: boolean;
}

/** Sends the requests of a recording one after another; returns what their client would miss, a line for each. */
export async function replay(exchanges: readonly Exchange[], tenant: Tenant): Promise<string[]> {
    const values = { ...tenant.values };
    const problems: string[] = [];
    for (const exchange of exchanges) {
        tenant.clock.advance((exchange.after ?? 0) * 1_000);
        const { status, body } = await send(exchange, values, tenant);
        const expected = fill(exchange, values);
        problems.push(
            ...problemsIn({ status, body }, expected).map(
                (problem) => `${expected.request}: ${problem}; it got ${body.slice(0, 300)}`,
            ),
        );
        const answer: unknown = parse(body);
        const token: unknown = Reflect.get(Object(answer), "access_token");
        if (typeof token === "string" && (await statusWith(token, tenant.simulator)) !== 200) {
            problems.push(`${expected.request}: the API does not accept the token`);
        }
        if (status === 201 && typeof Reflect.get(Object(answer), "id") === "string") {
            values.action = String(Reflect.get(Object(answer), "id"));
        }
        const link: unknown = Reflect.get(Object(answer), "value");
        if (typeof link === "string") {
            values.link = link;
        }
    }
    return problems;
}

/** The status of the API's answer to a request with this token. */
async function statusWith(token: string, { url }: Simulator): Promise<number> {
    const answer = await fetch(`${url}/api/machineactions`, { headers: { authorization: `Bearer ${token}` } });
    await answer.text();
    return answer.status;
}

async function send(
    exchange: Exchange,
    values: Values,
    { simulator, toSignIn = false }: Tenant,
): Promise<{ status: number; body: string }> {
    const { request, headers = {}, body } = fill(exchange, values);
    const [method = "", target = ""] = request.split(/ (.*)/s);
    const isLink = target.startsWith("http");
    const base = (toSignIn ? simulator.authorityUrl : simulator.url) ?? "";
    const { protocol, hostname, port } = new URL(isLink ? target : base);
    const content = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const json = content === undefined || content === body ? {} : { "content-type": "application/json" };
    const sent = (protocol === "https:" ? httpsRequest : httpRequest)({
        hostname,
        port,
        method,
        // As a string, because a URL object would change how the client has encoded the target.
        path: isLink ? target.slice(new URL(target).origin.length) : target,
        agent: false,
        ca: simulator.certificate,
        headers: {
            ...(isLink || toSignIn ? {} : { authorization: "Bearer recorded" }),
            ...json,
            ...headers,
            ...(content === undefined ? {} : { "content-length": Buffer.byteLength(content) }),
        },
    });
    return await new Promise((resolve, reject) => {
        sent.once("error", reject);
        sent.once("response", async (response: IncomingMessage) => {
            resolve({ status: response.statusCode ?? 0, body: await text(response) });
        });
        sent.end(content);
    });
}

/** The exchange with values in place of its placeholders. */
function fill(exchange: Exchange, values: Values): Exchange {
    const basic = Buffer.from(`${values.client}:${values.secret}`).toString("base64");
    const all: Record<string, string> = { ...values, basic };
    const text = JSON.stringify(exchange).replace(/\{([a-z]+)\}/g, (braces, name: string) => all[name] ?? braces);
    return JSON.parse(text) as Exchange;
}

function parse(body: string): unknown {
    try {
        return JSON.parse(body);
    } catch {
        return undefined;
    }
}
