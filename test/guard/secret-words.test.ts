import test from "ava";
import { registerSecret } from "../../provider/text/redact.ts";
import { guarded, setInputs, singleInputs } from "../helpers/guarded.ts";

// Stack config may give a credential, the password of a certificate for one, and what is secret is hidden wherever it
// appears: a word of the guard that a pull request makes a secret must not be hidden from the guard.

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const requestor = "AttackDisruption";

const secretWords: Readonly<Record<string, readonly [word: string, guard: string]>> = {
    "the type of the action": ["Unisolate", "denyTypes: [Unisolate]"],
    "a part of the type": ["RestrictCode", "denyTypes: [RestrictCodeExecution]"],
    "the machine's id": [machineId, `protectMachineIds: ["${machineId}"]`],
    "a tag of the machine": ["crown-jewels", "protectTags: [crown-jewels]"],
    "its risk score": ["Informational", "protectRiskScores: [Informational]"],
    "the requestor": [requestor, "allowRequestors: [soar@contoso.example]"],
};

for (const [what, [word, guard]] of Object.entries(secretWords)) {
    test(`a secret that is ${what} does not get past the guard`, async (t) => {
        registerSecret(word);
        const type = word.startsWith("Restrict") ? "RestrictCodeExecution" : word === "Unisolate" ? word : "Isolate";
        const api = await guarded(t, `version: 1\n${guard}\n`, {
            actions: [{ id, machineId, requestor, type }],
            machines: [{ id: machineId, machineTags: ["crown-jewels"], riskScore: "Informational" }],
        });
        const run = api.run();
        await t.throwsAsync(run.single.create(await singleInputs(run, id)), { message: /ERR_DEFENDER_DENIED/ });
        await t.throwsAsync(run.set.create(await setInputs(run, [{ machineActionId: id }])), {
            message: /ERR_DEFENDER_DENIED/,
        });
        t.is(api.posts(), 0);
    });
}

test("a final status is one, whatever is secret", async (t) => {
    for (const status of ["Cancelled", "Succeeded"]) {
        registerSecret(status);
        const api = await guarded(t, "version: 1\ndenyTypes: [Offboard]\n", { actions: [{ id, status }] });
        const run = api.run();
        const [end] = await Promise.allSettled([run.single.create(await singleInputs(run, id))]);
        t.is(end?.status, status === "Cancelled" ? "fulfilled" : "rejected");
        t.is(api.posts(), 0);
    }
});
