import { type SimulatorOptions, startSimulator } from "../../../simulator/index.ts";
import { manualClock } from "../client.ts";
import type { Tenant } from "./replay.ts";

const machine = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const other = "3c0ffee0123456789abcdef0123456789abcdef0";
const action = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const app = {
    tenant: "7603f7b8-b739-402d-a064-f3ae9a4704b3",
    client: "6d021e3b-889c-42ae-929e-d6860a620fc2",
    secret: "f8Gm7G6D8va3ZSUG1fxNSBLy9-Gm9AxB",
} as const;

const values = { machine, other, action, name: "ws-1.contoso.example", ip: "10.0.0.7" } as const;

/** A tenant with a machine that is online, and an isolation that is Pending on another machine. */
const fleet: SimulatorOptions = {
    actions: [
        {
            id: action,
            type: "Isolate",
            machineId: other,
            computerDnsName: "srv-2.contoso.example",
            requestor: "soar@contoso.example",
        },
    ],
    machines: [
        {
            id: machine,
            computerDnsName: "ws-1.contoso.example",
            lastIpAddress: "10.0.0.7",
            machineTags: ["finance"],
            online: true,
        },
    ],
};

/** Starts a tenant for the requests of one recording, on a clock of its own. */
export async function openTenant(): Promise<Tenant & AsyncDisposable> {
    const clock = manualClock();
    const simulator = await startSimulator({ ...fleet, now: clock.now });
    return {
        simulator,
        clock,
        values,
        [Symbol.asyncDispose]: () => simulator.close(),
    };
}

/** Starts a tenant whose sign-in knows one application. */
export async function openSignIn(): Promise<Tenant & AsyncDisposable> {
    const clock = manualClock();
    const simulator = await startSimulator({
        ...fleet,
        now: clock.now,
        signIn: {
            apps: [
                {
                    tenantId: app.tenant,
                    clientId: app.client,
                    clientSecret: app.secret,
                    roles: ["Machine.Read.All", "Machine.Isolate"],
                },
            ],
        },
    });
    return {
        simulator,
        clock,
        values: { ...values, ...app },
        toSignIn: true,
        [Symbol.asyncDispose]: () => simulator.close(),
    };
}
