import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ExecutionContext } from "ava";

/** A key of a vault for Pulumi's secrets provider `hashivault://`: the transit engine of HashiCorp Vault. */
export async function startVault(t: Pick<ExecutionContext, "teardown">): Promise<Readonly<Record<string, string>>> {
    const server = createServer(async (request, response) => {
        const { plaintext, ciphertext } = JSON.parse(await text(request));
        const data = request.url?.includes("/encrypt/")
            ? { ciphertext: `vault:v1:${plaintext}` }
            : { plaintext: String(ciphertext).replace("vault:v1:", "") };
        response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.teardown(() => server.close());
    return {
        SECRETS_PROVIDER: "hashivault://incidents",
        VAULT_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        VAULT_SERVER_TOKEN: "vault-token",
    };
}
