import test from "ava";
import { cancelRoles, type ForbiddenWording, readRoles, requireRole } from "../../../simulator/access/roles.ts";
import { type SimulatorOptions, startSimulator } from "../../../simulator/index.ts";
import { type Answered, clientOf, idOf, isRefusal } from "../client.ts";

const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";

/** What each operation answers to a token with these roles. */
async function ask(
    roles: readonly string[] | undefined,
    options: SimulatorOptions = {},
): Promise<Record<string, Answered>> {
    const actions = [{ id: idOf(1), machineId, type: "Offboard" }];
    await using simulator = await startSimulator({ actions, ...options });
    const { get, post } = clientOf(simulator);
    const claims = Buffer.from(JSON.stringify({ appid: "app", ...(roles ? { roles } : {}) })).toString("base64url");
    const headers = { authorization: `Bearer e30.${claims}.` };
    const on = `/api/machines/${machineId}`;
    const commands = [{ type: "PutFile" }];
    return {
        get: await get(`/api/machineactions/${idOf(1)}`, headers),
        list: await get("/api/machineactions", headers),
        isolate: await post(`${on}/isolate`, { Comment: "x", IsolationType: "Full" }, headers),
        unisolate: await post(`${on}/unisolate`, { Comment: "x" }, headers),
        scan: await post(`${on}/runAntiVirusScan`, { Comment: "x", ScanType: "Full" }, headers),
        liveResponse: await post(`${on}/runliveresponse`, { Comment: "x", Commands: commands }, headers),
        cancel: await post(`/api/machineactions/${idOf(1)}/cancel`, { Comment: "x" }, headers),
        other: await get("/api/nowhere", headers),
    };
}

const own: Readonly<Record<string, readonly string[]>> = {
    "Machine.Isolate": ["isolate", "unisolate"],
    "Machine.Scan": ["scan"],
    "Machine.LiveResponse": ["liveResponse"],
};

for (const role of [...readRoles, ...cancelRoles]) {
    test(`${role} opens what it is for and nothing else`, async (t) => {
        const answers = await ask([role, "Alert.Read.All"]);
        const expected = readRoles.includes(role) ? ["get", "list"] : [...(own[role] ?? []), "cancel"];
        const granted = Object.keys(answers).filter((name) => (answers[name]?.status ?? 0) < 300);
        t.deepEqual(granted, expected);
        for (const [name, answer] of Object.entries(answers)) {
            const refused = !expected.includes(name) && name !== "other";
            t.is(isRefusal(answer, 403, "Forbidden"), refused, name);
        }
        t.is(answers.other?.status, 404);
    });
}

test("a refusal lists the roles that would do, and those that the application has", async (t) => {
    const { get, cancel, scan } = await ask(["Alert.Read.All", "User.Read.All"]);
    const text = (names: string) =>
        `Missing application roles. API required roles: ${names}, application roles: Alert.Read.All,User.Read.All.`;
    t.is(get?.body.error?.message, text("Machine.Read.All,Machine.ReadWrite.All"));
    t.is(cancel?.body.error?.message, text(cancelRoles.join(",")));
    t.is(scan?.body.error?.message, text("Machine.Scan"));
    const none = (await ask([])).scan?.body.error?.message;
    t.is(none, "Missing application roles. API required roles: Machine.Scan, application roles: .");
});

test("a refusal can be worded as in 2021", async (t) => {
    const { get, cancel, scan } = await ask(["Alert.Read.All"], { forbiddenWording: "2021" });
    const text = (names: string) =>
        `The application does not have any of the required application permissions (${names}) to access the resource.`;
    t.is(get?.body.error?.message, text("Machine.Read.All, Machine.ReadWrite.All"));
    t.is(cancel?.body.error?.message, text(cancelRoles.join(", ")));
    t.is(scan?.body.error?.message, text("Machine.Scan"));
});

test("a token that says nothing of roles is asked for none", async (t) => {
    const answers = Object.values(await ask(undefined));
    t.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 201, 201, 201, 201, 200, 404],
    );
    for (const wording of ["2021", "2026"] satisfies ForbiddenWording[]) {
        t.notThrows(() => requireRole(undefined, readRoles, wording));
    }
});
