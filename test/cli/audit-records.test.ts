import test from "ava";
import { type AuditWorld, auditWorld, type Editable, foundBy, intern, unsent, us } from "../helpers/audit-world.ts";

/** Shifts the times of a record that the runner's clock made. */
function shiftClock({ outputs }: Editable, milliseconds: number): void {
    const shifted = (time: string) => new Date(Date.parse(time) + milliseconds).toISOString();
    outputs.requestedAtUtc = shifted(outputs.requestedAtUtc);
    outputs.confirmedAtUtc = shifted(outputs.confirmedAtUtc);
    outputs.evidence.observedAtUtc = shifted(outputs.evidence.observedAtUtc);
}

/** Prepares one action. Returns its id and the resources of the state. */
type Arrange = (world: AuditWorld) => Promise<{ id: string; state?: Editable[] }> | { id: string; state?: Editable[] };

const requested = (world: AuditWorld, by: string, comment?: string) => {
    const id = world.seed({ behaviour: "in-progress-then-cancelled", settleMs: 10 ** 9 });
    world.cancelDirectly(id, by, comment);
    return { id };
};

/** What an attacker does, who can merge a pull request, edit a state, or use the credential of an application. */
const hidden: Readonly<Record<string, Arrange>> = {
    async "a record of a denied request, and our credential used directly, with the tag"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, us, world.commentOf(id));
        return { id, state: [unsent(record, "ERR_DEFENDER_DENIED")] };
    },
    async "a record of an action that was not as expected, and a cancellation by others"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, intern);
        return { id, state: [unsent(record, "ERR_DEFENDER_UNEXPECTED")] };
    },
    async "a result in a set that was refused"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancelAll([id, other]);
        const { status, type, machineId, creationDateTimeUtc, at } = record.outputs.results[id];
        record.outputs.results[id] = {
            status,
            type,
            machineId,
            creationDateTimeUtc,
            at,
            failure: "ERR_DEFENDER_DENIED",
        };
        return { id, state: [record] };
    },
    async "cancelled again by another identity, with our comment"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, intern, world.commentOf(id));
        return { id, state: [record] };
    },
    async "cancelled again with our credential and comment, half an hour later"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 30, us, world.commentOf(id));
        return { id, state: [record] };
    },
    async "the same in a set"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancelAll([id, other]);
        world.cancelAgain(id, 30, us, world.commentOf(id));
        return { id, state: [record] };
    },
    async "the same, and the state was refreshed afterwards"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 90, us, world.commentOf(id));
        record.outputs.cancellationDateTimeUtc = world.scene.simulator.action(id)?.cancellationDateTimeUtc;
        record.outputs.confirmedAtUtc = world.minutesAgo(0);
        return { id, state: [record] };
    },
    async "a request that was not confirmed, and a cancellation hours later"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 180, us, world.commentOf(id));
        const { outcome: _, effect: __, confirmedAtUtc: ___, ...outputs } = record.outputs;
        return { id, state: [{ ...record, outputs: { ...outputs, status: "InProgress" } }] };
    },
    async "the time of the request edited to fit a later cancellation"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 60, us, world.commentOf(id));
        for (const name of ["requestedAtUtc", "confirmedAtUtc", "cancellationDateTimeUtc"]) {
            record.outputs[name] = world.minutesAgo(0);
        }
        return { id, state: [record] };
    },
    async "the time of the request edited in a set"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancelAll([id, other]);
        world.cancelAgain(id, 60, us, world.commentOf(id));
        for (const name of ["requestedAtUtc", "observedAtUtc", "confirmedAtUtc"]) {
            record.outputs.results[id][name] = world.minutesAgo(0);
        }
        return { id, state: [record] };
    },
    async "the time of a request edited to be later than the cancellation"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        const later = new Date(world.scene.clock.now() + 3_600_000).toISOString();
        record.outputs.evidence.observedAtUtc = later;
        record.outputs.evidence.postDate = undefined;
        record.outputs.requestedAtUtc = later;
        record.outputs.confirmedAtUtc = later;
        return { id, state: [record] };
    },
    async "a record of another tenant"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        record.outputs.evidence.tenantId = "22222222-0000-4000-8000-00000000bbbb";
        return { id, state: [record] };
    },
    async "the id of a record edited to another action"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancel(other);
        world.cancelDirectly(id, us, world.commentOf(other));
        record.outputs.cancellationDateTimeUtc = undefined;
        return { id, state: [{ ...record, id }, await world.cancel(other)] };
    },
    async "a result copied to another id of the set"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancelAll([other]);
        world.cancelDirectly(id, us, world.commentOf(other));
        record.outputs.results[id] = { ...record.outputs.results[other] };
        return { id, state: [record] };
    },
    async "the same, with the machine and the time of the other action"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const record = await world.cancelAll([other]);
        world.cancelDirectly(id, us, world.commentOf(other));
        const { machineId, creationDateTimeUtc } = world.scene.simulator.action(id) ?? {};
        record.outputs.results[id] = { ...record.outputs.results[other], machineId, creationDateTimeUtc };
        return { id, state: [record] };
    },
    async "a result moved to another set"(world) {
        const [id, other] = [world.seed(), world.seed()];
        const [mine, theirs] = [await world.cancelAll([id]), await world.cancelAll([other])];
        theirs.outputs.results[id] = mine.outputs.results[id];
        theirs.outputs.evidence[0].requested = 2;
        return { id, state: [theirs] };
    },
    async "a record without its evidence"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, intern);
        delete record.outputs.evidence;
        return { id, state: [record] };
    },
    async "a record edited to another identity and its comment"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, intern, "tidying up");
        Object.assign(record.outputs.evidence, { appId: intern, commentSent: "tidying up" });
        record.outputs.cancellationDateTimeUtc = undefined;
        return { id, state: [record] };
    },
    async "a record edited to another identity, which forged the tag"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 1, intern, world.commentOf(id));
        record.outputs.evidence.appId = intern;
        record.outputs.cancellationDateTimeUtc = undefined;
        return { id, state: [record] };
    },
    async "a record that found it cancelled, and another cancellation by the same user"(world) {
        const id = world.seed({ status: "Cancelled", cancelledBy: "soc@contoso.example" });
        const record = await world.cancel(id);
        world.cancelAgain(id, 20, "soc@contoso.example");
        return { id, state: [record] };
    },
    async "a record that found it cancelled by one user, and another cancelled it at the same time"(world) {
        const id = world.seed({ status: "Cancelled", cancelledBy: "soc@contoso.example" });
        const record = await world.cancel(id);
        record.outputs.cancellationRequestor = "analyst@contoso.example";
        return { id, state: [record] };
    },
    async "an adopted record without the time that it saw"(world) {
        const [id, other] = [world.seed({ status: "Cancelled", cancelledBy: "soc@contoso.example" }), world.seed()];
        const record = await world.cancelAll([id, other]);
        delete record.outputs.results[id].cancellationDateTimeUtc;
        return { id, state: [record] };
    },
    async "a record of a request edited to an adopted one"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.cancelAgain(id, 30, intern);
        record.outputs.outcome = "adopted";
        return { id, state: [record] };
    },
    async "a re-issue that the record only lists"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        const again = world.scene.simulator.reissue(id).id;
        world.cancelDirectly(again, us, world.commentOf(id));
        record.outputs.reissues = [{ id: again, status: "Pending" }];
        return { id: again, state: [record] };
    },
    async "a re-issue that the record cancelled, cancelled again by others"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        const again = world.scene.simulator.reissue(id).id;
        world.cancelDirectly(again, intern, world.commentOf(id));
        record.outputs.reissues = [{ id: again, status: "Cancelled", requestedAtUtc: world.minutesAgo(0) }];
        return { id: again, state: [record] };
    },
    "a cancellation under way": (world) => requested(world, intern),
    "a cancellation under way, by our credential and with a tag of ours": (world) =>
        requested(world, us, "INC-4711 [pulumi incident/prod/one 0123456789ab]"),
    "an action that failed after its cancellation was requested": (world) => {
        const { id } = requested(world, intern);
        world.scene.simulator.finish(id, "Failed");
        return { id };
    },
    "an action that was created long before the window": (world) => {
        const id = world.seed({ creationDateTimeUtc: world.minutesAgo(60 * 24 * 100) });
        world.cancelDirectly(id, intern);
        return { id };
    },
    "a cancellation by our credential, with a tag of ours, that nothing declares": (world) => {
        const id = world.seed();
        world.cancelDirectly(id, us, "INC-4711 [pulumi incident/prod/one 0123456789ab]");
        return { id };
    },
};

/** What honest runs leave behind. */
const honest: Readonly<Record<string, Arrange>> = {
    async "a cancellation by `up`"(world) {
        const id = world.seed();
        return { id, state: [await world.cancel(id)] };
    },
    async "a set"(world) {
        const id = world.seed();
        return { id, state: [await world.cancelAll([id, world.seed(), world.seed()])] };
    },
    async "an action that was running, and ended some time after its request"(world) {
        const id = world.seed({ behaviour: "in-progress-then-cancelled", settleMs: 240_000 });
        return { id, state: [await world.cancel(id)] };
    },
    async "a request that was not confirmed, and took effect after the run"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        const {
            outcome: _,
            effect: __,
            confirmedAtUtc: ___,
            cancellationDateTimeUtc: ____,
            ...outputs
        } = record.outputs;
        const initErrors = ["ERR_DEFENDER_NOT_CONFIRMED: not confirmed"];
        return { id, state: [{ ...record, initErrors, outputs: { ...outputs, status: "InProgress" } }] };
    },
    async "a cancellation that found the action cancelled in the portal"(world) {
        const id = world.seed({ status: "Cancelled", cancelledBy: "soc@contoso.example" });
        return { id, state: [await world.cancel(id)] };
    },
    async "the same in a set"(world) {
        const id = world.seed({ status: "Cancelled", cancelledBy: "soc@contoso.example" });
        return { id, state: [await world.cancelAll([id, world.seed()])] };
    },
    async "a cancellation that an earlier run made, after its state was lost"(world) {
        const id = world.seed();
        await world.cancel(id);
        return { id, state: [await world.cancel(id)] };
    },
    async "two stacks that declare the same action"(world) {
        const id = world.seed();
        return { id, state: [await world.cancel(id), await world.cancelAll([id])] };
    },
    async "a stack that was refused, where another one cancelled the action"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        return { id, state: [unsent(record, "ERR_DEFENDER_DENIED"), record] };
    },
    async "an action that runs again after our cancellation"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        world.scene.simulator.resume(id);
        return { id, state: [record] };
    },
    async "a drift that `up` cancelled again"(world) {
        const id = world.seed();
        await world.cancel(id);
        world.scene.simulator.resume(id);
        world.scene.clock.advance(3_600_000);
        return { id, state: [await world.cancel(id)] };
    },
    async "a runner whose clock is four minutes ahead"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        shiftClock(record, 240_000);
        return { id, state: [record] };
    },
    async "a runner whose clock is four minutes behind"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        shiftClock(record, -240_000);
        return { id, state: [record] };
    },
    async "a state with ids in upper case"(world) {
        const id = world.seed();
        const record = await world.cancel(id.toUpperCase());
        return { id, state: [{ ...record, id: id.toUpperCase() }] };
    },
    async "an identity that a record has in upper case"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        record.outputs.evidence.appId = us.toUpperCase();
        return { id, state: [record] };
    },
    async "a record of 1.0.0-rc.1, without the time of its reading"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        delete record.outputs.evidence.observedAtUtc;
        return { id, state: [record] };
    },
    async "a declaration whose comment was edited after the request"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        record.inputs.comment = "INC-4711, as discussed";
        record.outputs.comment = "INC-4711, as discussed";
        return { id, state: [record] };
    },
    async "a re-issue that `up` cancelled"(world) {
        const id = world.seed();
        const record = await world.cancel(id);
        const again = world.scene.simulator.reissue(id);
        world.cancelDirectly(again.id, us, world.commentOf(id));
        const { creationDateTimeUtc, requestor } = again;
        const times = { requestedAtUtc: world.minutesAgo(0), confirmedAtUtc: world.minutesAgo(0) };
        record.outputs.reissues = [{ id: again.id, creationDateTimeUtc, requestor, status: "Cancelled", ...times }];
        return { id: again.id, state: [record] };
    },
    "an action without a cancel request": (world) => ({ id: world.seed() }),
    "an action that timed out by itself": (world) => ({ id: world.seed({ status: "TimeOut" }) }),
    "an action that succeeded in spite of a request": (world) => {
        const { id } = requested(world, intern);
        world.scene.simulator.finish(id, "Succeeded");
        return { id };
    },
    "a cancellation before the window": (world) => ({
        id: world.seed({ status: "Cancelled", cancelledBy: intern, cancelledAt: world.minutesAgo(26 * 60) }),
    }),
};

test("audit finds every cancellation that hides behind a record, and none that its record proves", async (t) => {
    const world = await auditWorld(t);
    const cases: { name: string; id: string; isHidden: boolean }[] = [];
    const state: Editable[] = [];
    for (const [table, isHidden] of [
        [honest, false],
        [hidden, true],
    ] as const) {
        for (const [name, arrange] of Object.entries(table)) {
            const { id, state: some = [] } = await arrange(world);
            cases.push({ name, id, isHidden });
            state.push(...some);
        }
    }
    world.scene.simulator.clearRequests();
    const run = await world.audit(state);
    const found = foundBy(run);
    t.is(run.code, 2, run.stderr);
    const missed = cases.filter(({ id, isHidden }) => isHidden && !found.has(id));
    const flagged = cases.filter(({ id, isHidden }) => !isHidden && found.has(id));
    t.deepEqual(
        missed.map(({ name }) => name),
        [],
    );
    t.deepEqual(
        flagged.map(({ name, id }) => `${name}: ${found.get(id)}`),
        [],
    );
    // All of them are in one list.
    t.is(world.scene.simulator.requests.filter(({ operation }) => operation === "list").length, 1);
});
