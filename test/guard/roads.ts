import { cancelMachineActions, onlyResult } from "../../provider/cancel/cancel.ts";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import { declaredTarget } from "../../provider/cancel/cancellation-target.ts";
import { approvalPair, approvalText } from "../../provider/guard/approvals.ts";
import { declarationDigest } from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { ActionSeed, Fault, FaultPlan, MachineSeed } from "../../simulator/index.ts";
import { type Guarded, setInputs, singleInputs } from "../helpers/guarded.ts";
import { id, machineId, requestor } from "./ways-around.ts";

/** Of another action, on another machine. */
export const other = "6a3d8b21-0000-4000-8000-000000000001";
const otherMachine = "a".repeat(40);
const later = "2026-05-05T12:00:00Z";

/** One road past the guard: what the attacker does, and what stops it before one cancel request. */
export interface Road {
    readonly guard: string;
    /** Of the action that the attack is about. */
    readonly action?: ActionSeed;
    readonly others?: readonly ActionSeed[];
    readonly machine?: Omit<MachineSeed, "id">;
    /** `api` asks `plan` what goes wrong with a request. Rejects with what stopped it. */
    attack(api: Guarded, plan: (next: FaultPlan) => void): Promise<unknown>;
    readonly stoppedBy: RegExp;
}

/** What an answer of the API holds of the action. */
const row = (changes: object = {}) => ({
    id,
    type: "Isolate",
    status: "Pending",
    machineId,
    requestor,
    creationDateTimeUtc: "2026-05-05T06:59:00Z",
    ...changes,
});
const answer = (body: unknown, headers: Readonly<Record<string, string>> = {}): Fault => ({
    name: "answer",
    when: "before",
    status: 200,
    body: JSON.stringify(body),
    headers,
});

const create =
    (inputs: Properties = {}, environment: NodeJS.ProcessEnv = {}, config: Readonly<Record<string, string>> = {}) =>
    async (api: Guarded) => {
        const run = api.run(environment, config);
        return run.single.create({ ...(await singleInputs(run, id)), ...inputs });
    };

const createSet =
    (entries: readonly Properties[], inputs: Properties = {}, environment: NodeJS.ProcessEnv = {}) =>
    async (api: Guarded) => {
        const run = api.run(environment);
        return run.set.create({ ...(await setInputs(run, entries)), ...inputs });
    };

/** Approves every protected thing about a declaration of these entries on these machines. */
function approved(entries: readonly Properties[], machines: readonly string[] = [machineId]): NodeJS.ProcessEnv {
    const digest = declarationDigest(
        entries.map((entry) => declaredCancellation(String(entry.machineActionId), entry)),
    );
    const rules = ["protectMachineIds", "protectTypes", "protectTags", "protectRiskScores"];
    const pairs = machines.flatMap((machine) => rules.flatMap((rule) => approvalPair(digest, machine, rule) ?? []));
    return { DEFENDER_APPROVED_DIGEST: approvalText(digest, pairs) };
}

/** The state of the action, adopted as Cancelled by another client: without one request. */
async function adopted(api: Guarded, inputs: Properties = {}) {
    const run = api.run();
    const checked = await singleInputs(run, id, inputs);
    const { outs } = await run.single.create(checked);
    return { checked, outs };
}

/** The first look at the machine takes so long that the action has to be read again; then it reads as `changed`. */
const changesMeanwhile =
    (changed: object): Road["attack"] =>
    async (api, plan) => {
        let isLate = false;
        plan(({ operation }) => {
            if (operation === "machines" && !isLate) {
                isLate = true;
                api.clock.advance(20_000);
            }
            return operation === "get" && isLate ? answer(row(changed)) : undefined;
        });
        return create()(api);
    };

const cancelled: ActionSeed = { status: "Cancelled", cancelledBy: "analyst@contoso.example" };
const byTag = (nth: number, cancellationComment: string): ActionSeed => ({
    id: `6a3d8b21-0000-4000-8000-00000000010${nth}`,
    status: "Cancelled",
    cancelledBy: "SOAR playbooks",
    cancellationComment,
    creationDateTimeUtc: "2026-05-05T05:00:00Z",
    cancelledAt: "2026-05-05T06:00:00Z",
});

export const roads: Readonly<Record<string, Road>> = {
    // What the API shows of the action.
    "an action whose machine id is blank, where its machine is protected": {
        guard: `protectMachineIds: ["${machineId}"]`,
        action: { machineId: " " },
        attack: create(),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectMachineIds: machineId is not known/,
    },
    "an approval for the machine `unknown`, which would be one for all of them": {
        guard: `protectMachineIds: ["${machineId}"]\nprotectTypes: [Isolate]`,
        action: { machineId: "unknown" },
        attack: create({}, approved([{ machineActionId: id }], [machineId, "unknown"])),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectMachineIds: machineId is "unknown".*owner of the guard/,
    },
    "an action that is of another type in the reading before its request": {
        guard: "denyTypes: [Unisolate]\nprotectTags: [tier-0]",
        attack: changesMeanwhile({ type: "Unisolate" }),
        stoppedBy: /ERR_DEFENDER_RESPONSE.*was Isolate on machine .* and now reads as Unisolate/,
    },
    "an action that is on another machine in the reading before its request": {
        guard: `protectMachineIds: ["${otherMachine}"]\nprotectTags: [tier-0]`,
        attack: changesMeanwhile({ machineId: otherMachine }),
        stoppedBy: /ERR_DEFENDER_RESPONSE.*now reads as Isolate on machine a{40}/,
    },
    "an action that has no machine any more in the reading before its request": {
        guard: "protectTags: [tier-0]",
        attack: changesMeanwhile({ machineId: null }),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTags: machineTags are not known/,
    },
    "an action whose requestor is another one in the reading before its request": {
        guard: `allowRequestors: [${requestor}]\nprotectTags: [tier-0]`,
        attack: changesMeanwhile({ requestor: "analyst@contoso.example" }),
        stoppedBy: /ERR_DEFENDER_DENIED.*allowRequestors: requestor is "analyst@contoso\.example"/,
    },
    "an answer about another action in place of the one that was asked for": {
        guard: `allowRequestors: [${requestor}]`,
        action: { requestor: "analyst@contoso.example" },
        attack: async (api, plan) => {
            plan(({ operation }) => (operation === "get" ? answer(row({ id: other })) : undefined));
            return create()(api);
        },
        stoppedBy: /ERR_DEFENDER_RESPONSE.*holds another action/,
    },
    "a list of machines that tells of another one, without tags": {
        guard: "protectTags: [tier-0]",
        machine: { machineTags: ["tier-0"] },
        attack: async (api, plan) => {
            const harmless = { id: otherMachine, riskScore: "None", machineTags: [] };
            plan(({ operation }) => (operation === "machines" ? answer({ value: [harmless] }) : undefined));
            return create()(api);
        },
        stoppedBy:
            /ERR_DEFENDER_DENIED.*protectTags: machineTags are not known \(the API returns nothing for this machine\)/,
    },
    "a list of machines that tells of one twice, once without its tag": {
        guard: "protectTags: [tier-0]",
        attack: async (api, plan) => {
            const value = [[], ["tier-0"]].map((machineTags) => ({ id: machineId, riskScore: "None", machineTags }));
            plan(({ operation }) => (operation === "machines" ? answer({ value }) : undefined));
            return create()(api);
        },
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTags: machineTags are not known/,
    },
    "lists of machines that ignore the filter, for a set": {
        guard: "protectTags: [tier-0]",
        machine: { machineTags: ["tier-0"] },
        others: [{ id: other, machineId, requestor }],
        attack: async (api, plan) => {
            api.simulator.seedMachine({ id: otherMachine });
            plan(({ operation }) => (operation === "machines" ? "ignores the filter" : undefined));
            return createSet([{ machineActionId: id }, { machineActionId: other }])(api);
        },
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTags: machineTags are (?:"tier-0"|not known)/,
    },
    "a tag with a character that nobody sees, and one that combines": {
        guard: 'protectTags: ["tier-\u00e9"]',
        machine: { machineTags: ["TI\u2060ER-E\u0301"] },
        attack: create(),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTags: machineTags are/,
    },
    ...Object.fromEntries(
        (
            [
                ["a dotless i", "Un\u0131solate"],
                ["a capital i with a dot", "UN\u0130SOLATE"],
                ["a letter that combines", "Uni\u0307solate"],
                ["an order that is turned", "\u202eetalosinU"],
                ["an escape sequence", "Unis\u001b[0Kolate"],
                ["a variation selector and a tag character", "Unis\ufe0fo\u{e0061}late"],
                ["a mathematical letter", "\u{1d5a8}solate"],
                ["nothing but blanks", " \u00a0 "],
            ] as const
        ).map(([what, type]): [string, Road] => [
            `a type that has ${what}`,
            {
                guard: "denyTypes: [Unisolate, Isolate]",
                action: { type },
                attack: create(),
                stoppedBy: /ERR_DEFENDER_DENIED.*denyTypes: type is/,
            },
        ]),
    ),
    // What is declared.
    "an expect whose names are not compared": {
        guard: "requireExpect: [type, requestor]",
        attack: create({ expect: { Type: "Offboard", REQUESTOR: "nobody@contoso.example" } }),
        stoppedBy: /ERR_DEFENDER_DENIED.*requireExpect: expect lacks type, requestor/,
    },
    "an expect that holds nothing that can be seen": {
        guard: "requireExpect: [requestor]",
        attack: create({ expect: { requestor: "\u200b" } }),
        stoppedBy: /ERR_DEFENDER_UNEXPECTED/,
    },
    "a notAfter that passes while the machine is read": {
        guard: "maxNotAfterHours: 1\nprotectTags: [tier-0]",
        machine: {},
        attack: async (api, plan) => {
            plan(({ operation }) => {
                api.clock.advance(operation === "machines" ? 1_001 : 0);
                return undefined;
            });
            return create({ notAfter: "2026-05-05T07:00:01Z" })(api);
        },
        stoppedBy: /ERR_DEFENDER_PAST_NOT_AFTER/,
    },
    "a notAfter that has passed on the API's clock alone": {
        guard: "maxNotAfterHours: 1",
        attack: async (api, plan) => {
            const date = new Date(Date.parse("2026-05-05T07:30:00Z")).toUTCString();
            plan(({ operation }) => (operation === "get" ? answer(row(), { date }) : undefined));
            return create({ notAfter: "2026-05-05T07:10:00Z" })(api);
        },
        stoppedBy: /ERR_DEFENDER_PAST_NOT_AFTER/,
    },
    "a notAfter within the limit on another calendar": {
        guard: "maxNotAfterHours: 1",
        attack: create({ notAfter: "2026-05-05T07:30:00-12:00" }),
        stoppedBy: /ERR_DEFENDER_DENIED.*maxNotAfterHours: notAfter is 2026-05-05 19:30:00Z, 12\.5 h/,
    },
    "the core, asked as apply asks it": {
        guard: "protectTypes: [Isolate]",
        attack: async (api) => {
            const context: CancelContext = api.run().session();
            const { failure } = onlyResult(
                await cancelMachineActions(
                    [declaredTarget(declaredCancellation(id, { comment: "INC-4711" }))],
                    context,
                ),
            );
            throw failure ?? new Error("it was cancelled");
        },
        stoppedBy: /ERR_DEFENDER_DENIED|protectTypes: type is "Isolate"/,
    },
    "a quota in stack config that lets an hour pass between the guard's word and the request": {
        guard: "protectTags: [tier-0]",
        machine: {},
        attack: async (api, plan) => {
            plan(({ operation, nth }) => {
                if (operation === "get" && nth === 3) {
                    // Whoever protects it now has an hour before the request goes out.
                    api.simulator.seedMachine({ id: machineId, machineTags: ["tier-0"] });
                }
                return undefined;
            });
            return create({}, {}, { "defender:requestsPerHour": "2" })(api);
        },
        stoppedBy: /ERR_DEFENDER_GUARD.*(?:59|60) min before the quota allowed the request/,
    },
    // Approvals.
    "the approval of a single cancellation for a set that holds the same and more": {
        guard: `protectMachineIds: ["${machineId}", "${otherMachine}"]`,
        others: [{ id: other, machineId: otherMachine }],
        attack: createSet(
            [{ machineActionId: id }, { machineActionId: other }],
            {},
            approved([{ machineActionId: id }], [machineId, otherMachine]),
        ),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectMachineIds/,
    },
    "the approval of a set for another one that repeats its action": {
        guard: `protectMachineIds: ["${machineId}"]`,
        attack: createSet(
            [{ machineActionId: id }],
            {},
            approved([{ machineActionId: id }, { machineActionId: other }], [machineId, otherMachine]),
        ),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectMachineIds/,
    },
    "an approval that is used again after onReissue was edited": {
        guard: "protectTypes: [Isolate]",
        attack: create(
            { onReissue: "cancel", notAfter: later, expect: { requestor } },
            approved([{ machineActionId: id, notAfter: later, expect: { requestor } }]),
        ),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTypes/,
    },
    "an approval whose digest is that of another id in capitals": {
        guard: "protectTypes: [Isolate]",
        attack: create(
            {},
            {
                DEFENDER_APPROVED_DIGEST: approved([
                    { machineActionId: other },
                ]).DEFENDER_APPROVED_DIGEST?.toUpperCase(),
            },
        ),
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTypes/,
    },
    "an approval in full-width digits": {
        guard: "protectTypes: [Isolate]",
        attack: create(
            {},
            {
                DEFENDER_APPROVED_DIGEST: (approved([{ machineActionId: id }]).DEFENDER_APPROVED_DIGEST ?? "").replace(
                    /\d/g,
                    (digit) => String.fromCharCode(0xff10 + Number(digit)),
                ),
            },
        ),
        stoppedBy: /ERR_DEFENDER_CONFIGURATION: DEFENDER_APPROVED_DIGEST holds/,
    },
    "an approval in stack config": {
        guard: "protectTypes: [Isolate]",
        attack: create({}, {}, { "defender:approvedDigest": "" }),
        stoppedBy: /ERR_DEFENDER_CONFIGURATION.*defender:approvedDigest is not read from stack config/,
    },
    // The environment and the guard's file.
    "a guard's path that begins with a blank": {
        guard: "denyTypes: [Isolate]",
        attack: async (api) => create({}, { DEFENDER_GUARD: ` ${api.guardPath}` })(api),
        stoppedBy: /ERR_DEFENDER_CONFIGURATION.*DEFENDER_GUARD is/,
    },
    "a guard's path that ends with a line feed": {
        guard: "denyTypes: [Isolate]",
        attack: async (api) => create({}, { DEFENDER_GUARD: `${api.guardPath}\n` })(api),
        stoppedBy: /ERR_DEFENDER_GUARD.*there is no such file/,
    },
    "a guard's path that is blank": {
        guard: "denyTypes: [Isolate]",
        attack: create({}, { DEFENDER_GUARD: "  " }),
        stoppedBy: /ERR_DEFENDER_CONFIGURATION.*DEFENDER_GUARD is/,
    },
    ...Object.fromEntries(
        (
            [
                ["a key that is an alias", "maxPerRun: 0\nallowTypes: [Isolate, &x maxPerRun]\n*x : 1000"],
                ["a merge key", "denyTypes: &x [Isolate]\n<<: { maxPerRun: 1000 }"],
                ["a key twice, once in quotes", 'maxPerRun: 0\n"maxPerRun": 1000'],
                ["a second document", "maxPerRun: 0\n---\nversion: 1\nmaxPerRun: 1000"],
                ["a type of its own", "maxPerRun: !!str 0"],
                ["a list of a list", "denyTypes: [[Isolate]]"],
                ["a limit that is no whole number", "maxPerRun: 1e400"],
                ["a list that is empty", "denyTypes: []"],
            ] as const
        ).map(([what, guard]): [string, Road] => [
            `a guard that has ${what}`,
            { guard, attack: create(), stoppedBy: /ERR_DEFENDER_GUARD: the guard .* cannot be used/ },
        ]),
    ),
    // Limits.
    "comments that hide our tag from the count of the day": {
        guard: "maxPerDay: 3",
        others: [
            byTag(1, "x \uff3bpulumi p/s/n 0123456789ab]"),
            byTag(2, "x [PULUMI  p/s/n 0123456789ab] and more"),
            byTag(3, " "),
        ],
        attack: create(),
        stoppedBy: /ERR_DEFENDER_DENIED.*maxPerDay: Defender shows 3 cancellations/,
    },
    "a comment so long that its tag is cut off from what is kept of it": {
        guard: "maxPerDay: 1",
        others: [byTag(1, `${"x".repeat(12_000)} [pulumi p/s/n 0123456789ab]`)],
        attack: create(),
        stoppedBy: /ERR_DEFENDER_DENIED.*maxPerDay: Defender shows 1 cancellation of/,
    },
    "a secret in stack config that hides our tag from the count of the day": {
        guard: "maxPerDay: 1",
        others: [byTag(1, "x [pulumi hidden/s/n 0123456789ab]")],
        attack: create(
            {},
            {},
            {
                "defender:tenantId": "0b1b2c3d-0000-4000-8000-00000000ef01",
                "defender:clientId": "9a1b2c3d-0000-4000-8000-00000000abcd",
                "defender:clientSecret": "[pulumi hidden/s/n",
            },
        ),
        stoppedBy: /ERR_DEFENDER_DENIED.*maxPerDay: Defender shows 1 cancellation of/,
    },
    "a list of the day that lacks a row": {
        guard: "maxPerDay: 2",
        others: [byTag(1, "x [pulumi p/s/n 0123456789ab]"), byTag(2, "x [pulumi p/s/n 0123456789ab]")],
        attack: async (api, plan) => {
            plan(({ operation, query }) =>
                operation === "list" && query?.includes("Cancelled") ? "lacks a row" : undefined,
            );
            return create()(api);
        },
        stoppedBy: /ERR_DEFENDER_GUARD.*maxPerDay, but the cancellations of the last 24 hours cannot be counted/,
    },
    // The state.
    "a state that names an action of another machine as a re-issue": {
        guard: "denyTypes: [Unisolate]",
        action: cancelled,
        others: [{ id: other, machineId: otherMachine, requestor }],
        attack: async (api) => {
            const { checked, outs } = await adopted(api, {
                onReissue: "cancel",
                notAfter: later,
                expect: { requestor },
            });
            const reissues = [{ id: other, status: "Pending", requestor, creationDateTimeUtc: "2026-05-05T07:00:00Z" }];
            return api.run().single.update(id, { ...outs, reissues }, checked);
        },
        stoppedBy: /ERR_DEFENDER_STATE.*as its re-issue, but it is not one/,
    },
    "a state of a set that names an action of another type as a re-issue": {
        guard: "denyTypes: [Unisolate]",
        action: cancelled,
        others: [{ id: other, machineId, requestor, type: "RunAntiVirusScan" }],
        attack: async (api) => {
            const run = api.run();
            const fence = { onReissue: "cancel", notAfter: later };
            const inputs = await setInputs(run, [{ machineActionId: id, expect: { requestor } }], fence);
            const { outs } = await run.set.create(inputs);
            const results = structuredClone(outs.results) as Record<string, Record<string, unknown>>;
            results[id] = { ...results[id], reissues: [{ id: other, status: "Pending", requestor }] };
            return api.run().set.update("set-1", { ...outs, results }, inputs);
        },
        stoppedBy: /ERR_DEFENDER_STATE.*as its re-issue, but it is not one/,
    },
    "a state whose id leads to another path": {
        guard: "denyTypes: [Unisolate]",
        action: cancelled,
        attack: async (api) => {
            const { checked, outs } = await adopted(api);
            return api.run().single.update(`${other}/cancel?x=`, { ...outs, status: "Pending" }, checked);
        },
        stoppedBy: /is not that of a machine action: expected a GUID. Nothing was sent/,
    },
    "a re-issue on a machine that is protected since": {
        guard: "protectTags: [tier-0]",
        action: { ...cancelled, creationDateTimeUtc: "2026-05-05T06:00:00Z", cancelledAt: "2026-05-05T06:30:00Z" },
        attack: async (api) => {
            const { checked, outs } = await adopted(api, {
                onReissue: "cancel",
                notAfter: later,
                expect: { requestor },
            });
            api.clock.advance(60_000);
            api.simulator.seed({ id: other, machineId, requestor });
            api.simulator.seedMachine({ id: machineId, machineTags: ["tier-0"] });
            const run = api.run(approved([{ machineActionId: id }]));
            const { props = {} } = await run.single.read(id, outs);
            return run.single.update(id, props, checked);
        },
        stoppedBy: /ERR_DEFENDER_DENIED.*protectTags: machineTags are "tier-0"/,
    },
    "an update after a refresh that could not read": {
        guard: "denyTypes: [Isolate]",
        action: cancelled,
        attack: async (api, plan) => {
            const { checked, outs } = await adopted(api);
            api.simulator.resume(id);
            const run = api.run();
            plan(() => ({ name: "answer", when: "before", status: 403 }));
            const read = await run.single.read(id, outs).catch((error: { properties?: object }) => error);
            plan(() => undefined);
            const olds = { ...outs, ...("props" in read ? read.props : {}) };
            return run.single.update(id, olds, checked);
        },
        stoppedBy: /ERR_DEFENDER_DENIED.*denyTypes: type is "Isolate"/,
    },
};
