import test from "ava";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { __provider, id, onStage, tokenOf } from "../helpers/stage.ts";

const proven: Properties = {
    __provider,
    machineActionId: id,
    comment: "INC-4711",
    status: "Cancelled",
    outcome: "cancelled",
    requestedAtUtc: "2026-05-01T00:00:00.000Z",
    confirmedAtUtc: "2026-05-01T00:00:01.000Z",
};

test("drift that the API has forgotten stays drift, with all that is known of the action", async (t) => {
    const drift: Properties = {
        __provider,
        machineActionId: id,
        comment: "INC-4711",
        status: "InProgress",
        type: "Isolate",
        computerDnsName: "ws-0417",
        confirmedAtUtc: "2026-05-01T00:00:01.000Z",
    };
    await onStage([], async ({ lifecycle, inputs }) => {
        const { props, inputs: shown } = await lifecycle.read(id, drift);
        t.deepEqual(props, drift);
        t.is(shown.desiredStatus, "InProgress");
        t.true((await lifecycle.diff(id, props, await inputs())).changes);
    });
});

test("a proven action that the API has forgotten stays in state, an unproven one fails the refresh", async (t) => {
    await onStage([], async ({ lifecycle }) => {
        const read = await lifecycle.read(id, proven);
        t.deepEqual(read.props, proven);
        t.is(read.inputs.desiredStatus, "Cancelled");
        const { confirmedAtUtc: _, outcome: __, ...unproven } = proven;
        await t.throwsAsync(lifecycle.read(id, { ...unproven, status: "Pending" }), {
            message: /ERR_DEFENDER_NOT_FOUND/,
        });
    });
});

test("what another tenant does not know was not forgotten: the refresh fails, and the record stays", async (t) => {
    const stored: Properties = {
        ...proven,
        evidence: { commentSent: "INC-4711", digest: "00", posts: 1, proofSha256: "00", tenantId: "TENANT-A" },
    };
    await onStage([], async ({ lifecycle }) => {
        const signInWith = (token: string) => {
            void lifecycle.configure({
                config: { get: (key) => (key === "defender:accessToken" ? token : undefined) },
            });
        };
        const as = (tenant: string) => {
            signInWith(tokenOf("our-app", tenant));
            return lifecycle.read(id, stored);
        };
        await t.throwsAsync(as("tenant-b"), {
            message:
                /^ERR_DEFENDER_CONFIGURATION: .* was requested in tenant TENANT-A, .* belongs to tenant tenant-b, .*Sign in to tenant TENANT-A/,
        });
        t.deepEqual((await as("tenant-a")).props, stored);
        signInWith("a-ready-token");
        t.deepEqual(
            (await lifecycle.read(id, stored)).props,
            stored,
            "a token that tells nothing is no other tenant's",
        );
        const { evidence: _, ...unwritten } = stored;
        t.deepEqual((await lifecycle.read(id, unwritten)).props, unwritten);
    });
});

test("of state that lacks its status a refresh hands the engine nothing that its protocol cannot carry", async (t) => {
    const stored: Properties = {
        __provider,
        machineActionId: id,
        comment: "",
        confirmedAtUtc: "2026-05-01T00:00:01.000Z",
    };
    await onStage([], async ({ lifecycle }) => {
        const read = await lifecycle.read(id, stored);
        t.deepEqual(read, JSON.parse(JSON.stringify(read)));
        t.false("desiredStatus" in read.inputs);
    });
});
