import test from "ava";
import fc from "fast-check";
import { isDeceptive } from "../provider/foreign-text.ts";
import {
    describeAction,
    foldStatus,
    isFinal,
    isGuid,
    parseMachineAction,
    reversalOf,
} from "../provider/machine-action.ts";

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

test("a status is known in any case and spelling, and unknown ones are not final", (t) => {
    for (const [status, spellings] of Object.entries({
        Cancelled: ["cancelled", "CANCELED", "Canceled"],
        TimeOut: ["Timeout", "timeout", "TIMEOUT"],
        InProgress: ["inprogress", "INPROGRESS"],
    })) {
        for (const spelling of spellings) {
            t.is(foldStatus(spelling), status);
        }
    }
    t.deepEqual(["Succeeded", "Failed", "TimeOut", "Cancelled"].map(isFinal), [true, true, true, true]);
    t.deepEqual(["Pending", "InProgress", foldStatus("Cancelling"), foldStatus("")].map(isFinal), [
        false,
        false,
        false,
        false,
    ]);
});

test("only a plain GUID is one", (t) => {
    t.true(isGuid(id));
    t.true(isGuid(id.toUpperCase()));
    for (const text of ["", `{${id}}`, `${id}/cancel`, `../${id}`, `${id}\n`, id.replaceAll("-", ""), ` ${id}`]) {
        t.false(isGuid(text), JSON.stringify(text));
    }
});

test("an action is described by type and computer, and knows what would reverse it", (t) => {
    t.is(
        describeAction({ id, status: "Pending", type: "Isolate", computerDnsName: "ws", commands: [] }),
        "Isolate on ws",
    );
    t.is(describeAction({ id, status: "Pending", commands: [] }), "machine action");
    t.is(reversalOf("ISOLATE"), "submit Unisolate to reverse it");
    t.is(reversalOf("RunAntiVirusScan"), "nothing reverses it");
    t.is(reversalOf(undefined), "nothing reverses it");
});
