import test from "ava";
import type { MachineSeed, PresenceSeed } from "../../../simulator/index.ts";
import { idOf, isRefusal, withSimulator } from "../client.ts";

const machineOf = (n: number) => n.toString(16).padStart(40, "0");
const machines = "/api/machines";

test("a machine has all documented properties, absent ones as null, and the same ones each time", async (t) => {
    const rows: unknown[] = [];
    for (let run = 0; run < 2; run++) {
        await withSimulator({ machines: [{ id: machineOf(1) }, { id: machineOf(2) }] }, async (client) => {
            const { body } = await client.get(`${machines}/${machineOf(1)}`);
            rows.push(body);
            t.deepEqual(Object.keys(body), [
                "@odata.context",
                "id",
                "mergedIntoMachineId",
                "isPotentialDuplication",
                "isExcluded",
                "exclusionReason",
                "computerDnsName",
                "firstSeen",
                "lastSeen",
                "osPlatform",
                "osVersion",
                "osProcessor",
                "version",
                "lastIpAddress",
                "lastExternalIpAddress",
                "agentVersion",
                "osBuild",
                "healthStatus",
                "deviceValue",
                "rbacGroupId",
                "rbacGroupName",
                "riskScore",
                "exposureLevel",
                "isAadJoined",
                "aadDeviceId",
                "machineTags",
                "defenderAvStatus",
                "onboardingStatus",
                "osArchitecture",
                "managedBy",
                "managedByStatus",
                "ipAddresses",
                "vmMetadata",
            ]);
            t.like(body, { osVersion: null, exclusionReason: null, mergedIntoMachineId: null, vmMetadata: null });
            t.regex(String(body.aadDeviceId), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
            t.regex(String(body.lastIpAddress), /^10(\.\d{1,3}){3}$/);
            const other = (await client.get(`${machines}/${machineOf(2)}`)).body;
            t.not(other.lastIpAddress, body.lastIpAddress);
            t.not(other.aadDeviceId, body.aadDeviceId);
        });
    }
    t.deepEqual(rows[0], rows[1]);
});

test("each property of a machine can be seeded, also to null", (t) => {
    const seed: Required<Omit<MachineSeed, "submitted" | keyof PresenceSeed>> = {
        id: machineOf(1),
        computerDnsName: "ws-1.contoso.example",
        riskScore: "High",
        exposureLevel: "High",
        machineTags: ["a"],
        deviceValue: "High",
        rbacGroupName: "Servers",
        rbacGroupId: 140,
        lastSeen: "2026-05-02T08:00:00.25Z",
        firstSeen: "2026-05-01T08:00:00Z",
        healthStatus: "Inactive",
        onboardingStatus: "CanBeOnboarded",
        osPlatform: "Linux",
        version: "24.04",
        osBuild: 1,
        osVersion: "6.8",
        osProcessor: "arm64",
        osArchitecture: "32-bit",
        agentVersion: "30.1",
        lastIpAddress: "10.0.0.1",
        lastExternalIpAddress: "198.51.100.1",
        ipAddresses: [{ ipAddress: "10.0.0.1", macAddress: null, type: null, operationalStatus: "Down" }],
        isAadJoined: false,
        aadDeviceId: idOf(7),
        defenderAvStatus: "Disabled",
        managedBy: "ConfigManager",
        managedByStatus: "Success",
        mergedIntoMachineId: machineOf(2),
        isPotentialDuplication: true,
        isExcluded: true,
        exclusionReason: "Other",
        vmMetadata: { vmId: idOf(8), cloudProvider: "Azure", resourceId: "/x", subscriptionId: idOf(9) },
    };
    return withSimulator({ machines: [seed] }, async (client, simulator) => {
        const { "@odata.context": _, ...body } = (await client.get(`${machines}/${machineOf(1)}`)).body;
        t.deepEqual(body, seed as unknown as typeof body);
        const names = Object.keys(seed).filter((name) => name !== "id");
        simulator.seedMachine({ id: machineOf(1), ...Object.fromEntries(names.map((name) => [name, null])) });
        const nulls = (await client.get(`${machines}/${machineOf(1)}`)).body;
        t.deepEqual(
            names.filter((name) => nulls[name] !== null),
            [],
        );
    });
});

test("a machine was first seen before it was last seen", (t) =>
    withSimulator({ machines: [{ id: machineOf(1), lastSeen: "2020-01-01" }] }, async (client) => {
        const { body } = await client.get(`${machines}/${machineOf(1)}`);
        t.like(body, { firstSeen: "2020-01-01T00:00:00Z", lastSeen: "2020-01-01T00:00:00Z" });
    }));

const fleet = {
    actions: [
        { id: idOf(1), machineId: machineOf(1), computerDnsName: "ws-1.contoso.example" },
        { id: idOf(2), machineId: machineOf(2), computerDnsName: "WS-2.contoso.example", status: "Failed" },
        { id: idOf(3), machineId: machineOf(1), computerDnsName: "ws-1.contoso.example", status: "Succeeded" },
    ],
    machines: [
        { id: machineOf(1), lastIpAddress: "10.1.2.3", machineTags: ["tier-0", "it's"] },
        { id: machineOf(2), machineTags: ["tier-1"], riskScore: "Medium" },
        {
            id: machineOf(3),
            lastIpAddress: null,
            ipAddresses: [{ ipAddress: "FE80::1", macAddress: null, type: null, operationalStatus: null }],
        },
    ],
};

test("a machine is read by its id and by its computer name, in any case", (t) =>
    withSimulator(fleet, async (client) => {
        const reads = [
            machineOf(1),
            "ws-1.contoso.example",
            "WS-1.CONTOSO.EXAMPLE",
            "ws%2D2.contoso.example",
            machineOf(3).toUpperCase(),
        ];
        const found = await Promise.all(reads.map((key) => client.get(`${machines}/${key}`)));
        t.deepEqual(
            found.map(({ body }) => body.id),
            [1, 1, 1, 2, 3].map(machineOf),
        );
        t.true(isRefusal(await client.get(`${machines}/ws-9.contoso.example`), 404, "ResourceNotFound"));
        t.true(isRefusal(await client.get(`${machines}/%E0%A4%A`), 404, "ResourceNotFound"));
    }));

const now = "2026-05-04T10:00:00Z";
const searches: readonly [string, number[]][] = [
    [`findbyip(ip='10.1.2.3',timestamp=${now})`, [1]],
    [`FindByIp(timestamp=2026-05-03T08:44:05.1234567Z, ip='10.1.2.3')`, [1]],
    ["findbyip(ip=%2710.1.2.3%27,timestamp=2026-05-04T09%3A00%3A00Z)", [1]],
    ["findbyip%28ip%3D'10.1.2.3'%2Ctimestamp%3D2026-05-04T09:00:00Z%29", [1]],
    [`findbyip(ip='fe80::1',timestamp=${now})`, [3]],
    [`findbyip(ip='10.9.9.9',timestamp=${now})`, []],
    ["findbytag?tag=tier-0", [1]],
    ["findbytag?tag=tier&useStartsWithFilter=true", [1, 2]],
    ["findbytag?tag=tier&useStartsWithFilter=false", []],
    ["findbytag?tag=Tier-0", []],
    ["findbytag?tag=it%27s", [1]],
    ["findbytag(tag='it''s',useStartsWithFilter=false)", [1]],
    ["findbytag( tag = 'it''s' , useStartsWithFilter = false )/", [1]],
    ["findbytag(tag='tier',useStartsWithFilter=true)?$filter=riskScore%20eq%20'Medium'", [2]],
];
for (const [path, expected] of searches) {
    test(`machines are found with ${path}`, (t) =>
        withSimulator(fleet, async (client, simulator) => {
            const { status, body } = await client.get(`${machines}/${path}`);
            t.is(status, 200);
            t.deepEqual(
                body.value?.map(({ id }) => id),
                expected.map(machineOf),
            );
            t.is(simulator.requests[0]?.operation, "machines");
        }));
}

const badSearches: readonly [string, string][] = [
    ["findbyip(ip='10.1.2.3')", "MissingRequiredParameter"],
    [`findbyip(timestamp=${now})`, "MissingRequiredParameter"],
    ["findbyip(ip='10.1.2.3',timestamp=yesterday)", "InvalidInput"],
    ["findbyip(ip='10.1.2.3',timestamp=2019-09-22T08:44:05Z)", "InvalidInput"],
    ["findbyip(ip='10.1.2.3',timestamp=2027-09-22T08:44:05Z)", "InvalidInput"],
    ["findbytag", "MissingRequiredParameter"],
    ["findbyip(aaaa)", "MissingRequiredParameter"],
    [`findbyip(${"a".repeat(1_001)})`, "InvalidInput"],
    ["findbytag?tag=x&useStartsWithFilter=maybe", "InvalidInput"],
];
for (const [path, code] of badSearches) {
    test(`${path} is refused as ${code}`, (t) =>
        withSimulator(fleet, async (client) => {
            t.true(isRefusal(await client.get(`${machines}/${path}`), 400, code));
        }));
}

test("the actions of a machine are a list of their own, by its id and its name", (t) =>
    withSimulator(fleet, async (client, simulator) => {
        for (const key of [machineOf(1), "ws-1.contoso.example"]) {
            const { body } = await client.get(`${machines}/${key}/machineactions`);
            t.is(body["@odata.context"], "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions");
            t.deepEqual(
                body.value?.map(({ id }) => id),
                [3, 1].map(idOf),
            );
        }
        const filter = encodeURIComponent("status eq 'Pending'");
        const { body } = await client.get(`${machines}/${machineOf(1)}/machineActions?$filter=${filter}&$count=true`);
        t.is(body["@odata.count"], 1);
        t.is((await client.get(`${machines}/${machineOf(9)}/machineactions`)).status, 404);
        t.is(simulator.requests[0]?.operation, "list");
    }));

const counts: readonly [string, number][] = [
    [`${machines}/$count`, 3],
    [`${machines}/%24count?$filter=${encodeURIComponent("machineTags/any(t: startswith(t,'tier'))")}`, 2],
    ["/api/machineactions/$count", 3],
    [`/api/machineactions/$count?$filter=${encodeURIComponent("status eq 'Pending'")}`, 1],
    [`${machines}/${machineOf(1)}/machineactions/$count`, 2],
    [`${machines}/${machineOf(2)}/alerts/$count?$filter=${encodeURIComponent("status ne 'Resolved'")}`, 1],
    [`${machines}/${machineOf(1)}/alerts/$count?$filter=${encodeURIComponent("status ne 'Resolved'")}`, 0],
    ["/api/alerts/$count", 3],
];
for (const [path, expected] of counts) {
    test(`the count ${decodeURIComponent(path)} is ${expected}, as plain text`, (t) =>
        withSimulator(fleet, async (client) => {
            const { status, headers, body } = await client.get(path);
            t.is(status, 200);
            t.regex(headers.get("content-type") ?? "", /^text\/plain/);
            t.deepEqual(body as unknown, expected);
        }));
}

const selections: readonly [string, string, object][] = [
    [
        `/api/machineactions/${idOf(2)}?$Select=id,Status`,
        "MachineActions(id,status)/$entity",
        { id: idOf(2), status: "Failed" },
    ],
    [`${machines}/${machineOf(2)}?$select=MachineTags`, "Machines(machineTags)/$entity", { machineTags: ["tier-1"] }],
];
for (const [path, context, row] of selections) {
    test(`${path} answers the selected properties alone`, (t) =>
        withSimulator(fleet, async (client, simulator) => {
            t.deepEqual(await client.get(path).then(({ body }): object => body), {
                "@odata.context": `https://api.securitycenter.microsoft.com/api/$metadata#${context}`,
                ...row,
            });
            t.is(simulator.requests[0]?.ids?.length, 1);
        }));
}

test("a list answers the selected properties alone, in the order of the query, on every page", (t) =>
    withSimulator({ ...fleet, pageSize: 1 }, async (client, simulator) => {
        const first = await client.get("/api/machineactions?$select=status,%20id&$orderby=status%20desc,id");
        t.is(
            first.body["@odata.context"],
            "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions(status,id)",
        );
        t.deepEqual(first.body.value as unknown, [{ status: "Succeeded", id: idOf(3) }]);
        const second = await client.get(first.body["@odata.nextLink"] ?? "");
        t.deepEqual(second.body.value as unknown, [{ status: "Pending", id: idOf(1) }]);
        t.deepEqual(simulator.requests[1]?.ids, [idOf(1)]);
        const all = await client.get("/api/machineactions?$select=*");
        t.deepEqual(all.body.value as unknown, [simulator.action(idOf(3))]);
    }));

test("rows are ordered by several properties, with times by their instant", (t) => {
    const created = ["10:00:00Z", "10:00:00.5Z", "10:00:00.25Z", "09:00:00Z"];
    const actions = created.map((time, n) => ({
        id: idOf(n + 1),
        type: n === 3 ? "Isolate" : "LiveResponse",
        creationDateTimeUtc: `2026-05-04T${time}`,
    }));
    return withSimulator({ actions }, async (client) => {
        const order = async (orderby: string) =>
            (await client.get(`/api/machineactions?$orderby=${encodeURIComponent(orderby)}`)).body.value?.map(
                ({ id }) => id,
            );
        t.deepEqual(await order("Type, CreationDateTimeUtc DESC"), [4, 2, 3, 1].map(idOf));
        t.deepEqual(await order("type desc,creationDateTimeUtc asc"), [1, 3, 2, 4].map(idOf));
        t.deepEqual(await client.select("creationDateTimeUtc gt 2026-05-04T10:00:00Z"), [2, 3].map(idOf));
        t.deepEqual(
            (await client.get("/api/machineactions")).body.value?.map(({ id }) => id),
            [2, 3, 1, 4].map(idOf),
        );
    });
});

test("a query may write blanks as plus signs, and name 500 ids", (t) =>
    withSimulator(fleet, async (client) => {
        const get = async (query: string) => (await client.get(`${machines}?${query}`)).body.value?.map(({ id }) => id);
        t.deepEqual(await get("$filter=riskScore+eq+'Medium'+and+lastSeen+gt+2018-08-01Z"), [machineOf(2)]);
        t.deepEqual(await get("$filter=startswith(computerDnsName,'ws-')&$top=1"), [machineOf(1)]);
        const ids = Array.from({ length: 500 }, (_, n) => `'${machineOf(n + 2)}'`).join(",");
        t.deepEqual(await get(`$filter=${encodeURIComponent(`id in (${ids})`)}`), [2, 3].map(machineOf));
    }));

test("success has the headers of OData, an error plain JSON", (t) =>
    withSimulator(fleet, async (client) => {
        const success = [
            await client.get(machines),
            await client.cancel(idOf(1)),
            await client.get("/api/machineactions"),
        ];
        for (const { headers } of success) {
            t.is(headers.get("odata-version"), "4.0");
            t.is(
                headers.get("content-type"),
                "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8",
            );
        }
        for (const { headers } of [await client.get(`${machines}?$filter=x`), await client.cancel(idOf(2))]) {
            t.is(headers.get("odata-version"), null);
            t.is(headers.get("content-type"), "application/json; charset=utf-8");
        }
    }));
