import test from "ava";
import fc from "fast-check";
import { parseMachineAction } from "../../provider/api/machine-action-parser.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** The example of the API's description: an isolation cancelled while pending. */
const example = {
    "@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions/$entity",
    id: id.toUpperCase(),
    type: "Isolate",
    title: null,
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
    status: "Cancelled",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    computerDnsName: "ws-0417.contoso.example",
    creationDateTimeUtc: "2026-05-04T10:36:47.2968211Z",
    lastUpdateDateTimeUtc: "2026-05-05T07:25:33.9337697Z",
    cancellationRequestor: "9a1b2c3d-0000-4000-8000-00000000abcd",
    cancellationComment: "INC-4711 wrong scope",
    cancellationDateTimeUtc: "2026-05-05T07:25:33.9337696Z",
    errorHResult: -2147467260,
    scope: "Full",
    externalId: null,
    requestSource: "PublicApi",
    relatedFileInfo: null,
    commands: [],
    troubleshootInfo: null,
};

test("a whole action is read, its id in lower case", (t) => {
    const {
        "@odata.context": _,
        title: __,
        externalId: ___,
        relatedFileInfo: ____,
        troubleshootInfo,
        ...known
    } = example;
    t.deepEqual(parseMachineAction(example) as unknown, { ...known, id });
});

test("id and status are enough; what is missing, null or of a wrong type is left out", (t) => {
    t.deepEqual(parseMachineAction({ id, status: "Pending" }), { id, status: "Pending", commands: [] });
    t.deepEqual(
        parseMachineAction({ id, status: "Pending", type: 7, machineId: null, commands: "none", errorHResult: 0.5 }),
        {
            id,
            status: "Pending",
            commands: [],
        },
    );
    t.is(
        parseMachineAction({ id, status: "Pending", lastUpdateTimeUtc: "2026-05-05" })?.lastUpdateDateTimeUtc,
        "2026-05-05",
    );
});

test("what tells apart two actions of one type on one machine is kept", (t) => {
    const relatedFileInfo = { fileIdentifier: "3395856ce81f2b7382dee72602f798b642f14140", fileIdentifierType: "Sha1" };
    const command = { type: "RunScript", params: [{ key: "ScriptName", value: "collect.ps1" }] };
    const given = { ...example, relatedFileInfo, title: "Quarantine", externalId: "INC-4711/7" };
    const commands = [{ index: 0, commandStatus: "Created", startTime: null, errors: [], command }, "PutFile"];
    const action = parseMachineAction({ ...given, commands });
    t.like(action, { relatedFileInfo, title: "Quarantine", externalId: "INC-4711/7" });
    t.deepEqual(
        action?.commands.map((one) => one.command),
        [command, { type: "PutFile", params: [] }],
    );
    for (const none of [null, "", [], {}, { fileIdentifier: "" }, { fileIdentifierType: "Sha1" }]) {
        t.false("relatedFileInfo" in (parseMachineAction({ ...given, relatedFileInfo: none }) ?? {}));
    }
});

test("the content of commands is bounded, and the status of each one is kept", (t) => {
    const long = "x".repeat(10_000);
    const params = Array.from({ length: 1_000 }, () => ({ key: long, value: long }));
    const commands = Array.from({ length: 500 }, () => ({ commandStatus: "Created", command: { type: long, params } }));
    const action = parseMachineAction({ id, status: "Pending", commands });
    t.is(action?.commands.length, 500);
    t.is(action?.commands.filter(({ command }) => command !== undefined).length, 20);
    t.true(JSON.stringify(action).length < 150_000);
});

test("an empty text means the same as null, also one that is empty once it is clean", (t) => {
    for (const empty of ["", " ", "\u00a0\t", "\u200b", "\u001b[31m"]) {
        const texts = Object.fromEntries(Object.keys(example).map((key) => [key, empty]));
        const command = { commandStatus: empty, startTime: empty, endTime: empty };
        t.deepEqual(parseMachineAction({ ...texts, id, status: "Pending", commands: [command] }), {
            id,
            status: "Pending",
            commands: [{ commandStatus: "Unknown", startTime: undefined, endTime: undefined }],
        });
    }
});

test("a time outside the years 2000 to 2099, or no time, is absent; one without a zone is in UTC", (t) => {
    const read = (creationDateTimeUtc: unknown) =>
        parseMachineAction({ id, status: "Pending", creationDateTimeUtc })?.creationDateTimeUtc;
    for (const none of [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "1601-01-01T00:00:00Z",
        "1999-12-31T23:59:59.9999999Z",
        "2100-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z",
        "+275760-09-13T00:00:00Z",
        "-271821-04-20T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "5/4/2026 10:36:47 AM",
        "/Date(1777890000000)/",
        "soon",
        1777890000000,
    ]) {
        t.is(read(none), undefined, String(none));
    }
    t.is(read("2026-05-04T10:36:47.2968211Z"), "2026-05-04T10:36:47.2968211Z");
    t.is(read("2026-05-04T10:36:47.2968211"), "2026-05-04T10:36:47.2968211Z");
    t.is(read("2026-05-04 10:36Z"), "2026-05-04T10:36:00Z");
    t.is(read("2026-05-04T10:36:47.29+00:00"), "2026-05-04T10:36:47.29Z");
    t.is(read("2026-05-04T12:36:47+02:00"), "2026-05-04T10:36:47.000Z");
});

test("the times of a command are kept where there are any", (t) => {
    const [startTime, endTime] = ["2026-05-05T07:00:00Z", "2026-05-05T07:01:00Z"];
    const read = (command: object) =>
        parseMachineAction({ id, status: "InProgress", commands: [command] })?.commands[0];
    t.deepEqual(read({ commandStatus: "Completed", startTime, endTime }), {
        commandStatus: "Completed",
        startTime,
        endTime,
    });
    t.deepEqual(read({ commandStatus: "Created", startTime: null }), {
        commandStatus: "Created",
        startTime: undefined,
        endTime: undefined,
    });
});

test("commands are read as objects and as plain strings", (t) => {
    const commands = [
        { index: 0, startTime: null, commandStatus: "Completed", command: {} },
        "PutFile",
        { commandStatus: 1 },
    ];
    t.deepEqual(
        parseMachineAction({ id, status: "InProgress", commands })?.commands.map(({ commandStatus }) => commandStatus),
        ["Completed", "Unknown", "Unknown"],
    );
});

test("what is not a machine action is none, and nothing makes the parser throw", (t) => {
    for (const other of [
        undefined,
        null,
        1,
        "x",
        [],
        {},
        { id },
        { status: "Pending" },
        { id: "x", status: "Pending" },
    ]) {
        t.is(parseMachineAction(other), undefined);
    }
    fc.assert(
        fc.property(fc.object({ key: fc.constantFrom(...Object.keys(example)) }), (value) => {
            parseMachineAction({ ...value, id, status: "Pending" });
            return true;
        }),
    );
});

test("every foreign string is clean", (t) => {
    const nasty = "a\u001b[31m\u202eb\nc";
    const action = parseMachineAction({
        ...Object.fromEntries(Object.keys(example).map((key) => [key, nasty])),
        id,
        commands: [{ commandStatus: nasty }],
    });
    t.truthy(action);
    t.false(isDeceptive(JSON.stringify(action)));
});

test("text that is longer than anybody writes is cut: the engine loses a state that is too long", (t) => {
    const long = "x".repeat(1_000_000);
    const action = parseMachineAction({
        ...Object.fromEntries(Object.keys(example).map((key) => [key, long])),
        id,
        commands: [{ commandStatus: long, startTime: long }],
    });
    t.is(action?.requestorComment?.length, 10_000);
    t.is(action?.type?.length, 200);
    t.is(action?.status.length, 200);
    t.true(JSON.stringify(action).length < 60_000);
});

test("a start of a command that is no time says that it has started; only an empty one and .NET's year 1 do not", (t) => {
    const startOf = (startTime: unknown) =>
        parseMachineAction({ ...example, commands: [{ commandStatus: "Created", startTime }] })?.commands[0]?.startTime;
    for (const text of ["11/30/2026 8:00:00 AM", "2026-11-30T08:00:00.1234567 +00:00", "soon"]) {
        t.is(startOf(text), text);
    }
    for (const text of [null, "", " ", "0001-01-01T00:00:00Z", "1/1/0001 12:00:00 AM", "01/01/0001 00:00:00"]) {
        t.is(startOf(text), undefined, String(text));
    }
});
