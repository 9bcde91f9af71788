import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A session with an MCP server over its standard input and output. */
export interface McpSession extends AsyncDisposable {
    /** Calls a tool, and returns the JSON in its answer; throws when the server says that the call failed. */
    call(name: string, args: object): Promise<Record<string, unknown>>;
}

interface Answer {
    id?: number;
    error?: { message: string };
    result?: { isError?: boolean; content?: { text?: string }[] };
}

/** Starts an MCP server and shakes hands with it. */
export async function openMcpSession(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
): Promise<McpSession> {
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const waiting = new Map<number, (answer: Answer) => void>();
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text;
    });
    createInterface(child.stdout).on("line", (line) => {
        const answer = JSON.parse(line) as Answer;
        if (answer.id !== undefined) {
            waiting.get(answer.id)?.(answer);
        }
    });
    let lastId = 0;
    const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    async function request(method: string, params: object): Promise<NonNullable<Answer["result"]>> {
        lastId += 1;
        const id = lastId;
        const answer = await new Promise<Answer>((resolve, reject) => {
            waiting.set(id, resolve);
            child.once("exit", () => reject(new Error(`the MCP server ended: ${errors}`)));
            send({ id, method, params });
        });
        if (answer.error !== undefined || answer.result === undefined) {
            throw new Error(`${method}: ${answer.error?.message}`);
        }
        return answer.result;
    }
    const clientInfo = { name: "simulator-check", version: "1" };
    await request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    send({ method: "notifications/initialized" });
    return {
        async call(name, toolArguments) {
            const { isError, content } = await request("tools/call", { name, arguments: toolArguments });
            const text = content?.[0]?.text ?? "";
            if (isError) {
                throw new Error(`${name} ${JSON.stringify(toolArguments)}: ${text}`);
            }
            return JSON.parse(text) as Record<string, unknown>;
        },
        [Symbol.asyncDispose]: () => ended(child),
    };
}

async function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode === null) {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill();
        await gone;
    }
}
