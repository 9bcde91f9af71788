import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { parseMachineAction } from "../../provider/api/machine-action-parser.ts";
import { parseMachine } from "../../provider/machines/machines-client.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { isFinal, isGuid, isMachineId } from "../../provider/model/machine-action.ts";
import { actionProperties } from "../../provider/model/outputs.ts";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { edited, hostileJson, hostileText, mutated } from "../helpers/hostile.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const statuses = ["Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled", "canceled", "CANCELLED "];

const example = {
    id,
    type: "Isolate",
    status: "Cancelled",
    machineId,
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
    computerDnsName: "ws-0417.contoso.example",
    creationDateTimeUtc: "2026-05-04T10:36:47.2968211Z",
    lastUpdateTimeUtc: "2026-05-05T07:25:33.9337697Z",
    cancellationComment: "INC-4711 wrong scope",
    errorHResult: -2147467260,
    relatedFileInfo: { fileIdentifier: "3395856ce81f2b7382dee72602f798b642f14140", fileIdentifierType: "Sha1" },
    commands: [
        {
            commandStatus: "Completed",
            startTime: null,
            endTime: null,
            command: { type: "RunScript", params: [{ key: "ScriptName", value: "collect.ps1" }] },
        },
    ],
};

const anyJson = hostileJson(
    [...actionProperties, "id", "commands", "commandStatus", "value", "riskScore", "machineTags"],
    ...[id, id.toUpperCase(), machineId, ...statuses],
);

/** Words that mean the end of an action, in every spelling that was seen. */
const meansEnd = /^(?:succeeded|failed|timeout|cancell?ed)$/i;

function isClean(text: string): boolean {
    return !isDeceptive(text) && text.isWellFormed() && text.length <= 10_000 && !/##\w*\[/.test(text);
}

function assertClean(value: unknown): void {
    JSON.stringify(value, (_, property: unknown) => {
        assert.ok(typeof property !== "string" || isClean(property), JSON.stringify(property));
        return property;
    });
}

test("any JSON is a machine action with a GUID and clean text, or none; no strange word is an end", (t) =>
    fuzz(
        t,
        "machine actions",
        fc.property(fc.oneof(anyJson, edited(example, anyJson)), (value) => {
            const action = parseMachineAction(value);
            if (!action) {
                return;
            }
            const given = value as { id: string; status: string };
            assert.ok(isGuid(action.id) && action.id === action.id.toLowerCase());
            assert.equal(action.id, given.id.toLowerCase());
            assertClean(action);
            assert.ok(!isFinal(action.status) || meansEnd.test(given.status.replace(/[^a-z]/gi, "")), given.status);
            assert.ok(!meansEnd.test(given.status) || isFinal(action.status), given.status);
            const { commands, errorHResult = 0, relatedFileInfo = {}, ...texts } = action;
            assert.ok(Number.isSafeInteger(errorHResult) && Array.isArray(commands));
            assert.ok(
                [...Object.values(texts), ...Object.values(relatedFileInfo)].every((text) => typeof text === "string"),
            );
            assert.deepEqual(parseMachineAction(JSON.parse(JSON.stringify(action))), action, "it is its own reading");
        }),
    ));

test("any JSON is a machine with an id and clean text, or none", (t) =>
    fuzz(
        t,
        "machines",
        fc.property(fc.oneof(anyJson, edited({ id: machineId, machineTags: ["vip"] }, anyJson)), (value) => {
            const machine = parseMachine(value);
            if (machine) {
                assert.ok(isMachineId(machine.id) && machine.id === machine.id.toLowerCase());
                assert.ok(!isDeceptive(JSON.stringify(machine)));
                const { machineTags } = value as { machineTags?: unknown };
                const isWhole = Array.isArray(machineTags) && machineTags.every((tag) => typeof tag === "string");
                assert.equal(
                    machine.machineTags?.length,
                    isWhole ? machineTags.length : undefined,
                    "no tag is dropped",
                );
            }
        }),
    ));

test("whatever a server answers becomes the action that was asked for, or a typed error", async (t) => {
    let answer: { status: number; body: string; headers: Record<string, string> } = {
        status: 200,
        body: "",
        headers: {},
    };
    await using api = await startApiServer(() => answer);
    const clock = recordedClock();
    const client = createDefenderClient(httpTo(api.url, { clock, random: () => 0 }));
    const json = JSON.stringify(example);
    const headers = fc.record({
        "content-type": fc.constantFrom("application/json", "text/html", "application/json; charset=utf-16"),
        "mise-correlation-id": fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
        "retry-after": fc.constantFrom("0", "-1", "99999999999999999999", "x", "Thu, 01 Jan 1970 00:00:00 GMT"),
        date: fc.constantFrom("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", ""),
    });
    await fuzz(
        t,
        "answers over HTTP",
        fc.asyncProperty(
            fc.constantFrom(
                200,
                200,
                200,
                201,
                203,
                206,
                299,
                300,
                302,
                304,
                400,
                401,
                403,
                404,
                409,
                418,
                499,
                500,
                503,
                599,
            ),
            fc.oneof(
                mutated(json, "Cancelled", id),
                anyJson.map((value) => JSON.stringify(value)),
                hostileText,
            ),
            headers,
            async (status, body, given) => {
                answer = { status, body, headers: given };
                try {
                    const { action } = await client.get(id);
                    assert.ok(status >= 200 && status < 300);
                    assert.equal(action.id, id);
                    // A byte order mark is no part of the text.
                    const text = body.toWellFormed().replace(/^\ufeff/, "");
                    assert.deepEqual(action, parseMachineAction(JSON.parse(text)));
                } catch (error) {
                    assert.ok(error instanceof DefenderError, `${error}`);
                    assert.ok(!isDeceptive(error.message) && error.message.length < 1_500, error.message);
                    const isSaidByApi = status === 404 && /notfound/i.test(body);
                    assert.ok(error.code !== "ERR_DEFENDER_NOT_FOUND" || isSaidByApi, "only the API's own 404 is one");
                }
            },
        ),
    );
});
