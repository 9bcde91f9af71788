import { join } from "node:path";
import test from "ava";
import { declarationDigest, taggedComment } from "../../provider/model/declaration.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { type AuditWorld, auditWorld, foundBy, intern, unsent, us } from "../helpers/audit-world.ts";

interface FileCase {
    readonly id: string;
    /** The content of the file; JSON. */
    readonly file?: unknown;
}

type Arrange = (world: AuditWorld) => Promise<FileCase> | FileCase;

const owner = "incident/prod/playbook-12";

function declaration(ids: readonly string[], notAfter?: string) {
    return { version: 1, comment: "INC-4711", notAfter, cancellations: ids.map((id) => ({ machineActionId: id })) };
}

/** The comment of a cancellation for this declaration. */
function tagged(ids: readonly string[], notAfter?: string): string {
    return taggedComment("INC-4711", owner, declarationDigest(ids.map((id) => declaredCancellation(id, { notAfter }))));
}

const inMinutes = (world: AuditWorld, minutes: number) => world.minutesAgo(-minutes);

const hidden: Readonly<Record<string, Arrange>> = {
    "cancelled by another identity with a forged tag"(world) {
        const id = world.seed();
        world.cancelDirectly(id, intern, tagged([id]));
        return { id, file: declaration([id]) };
    },
    "cancelled by a user in the portal"(world) {
        const id = world.seed();
        world.cancelDirectly(id, "soc@contoso.example");
        return { id, file: declaration([id]) };
    },
    "declared after our credential cancelled it without a tag"(world) {
        const id = world.seed();
        world.cancelDirectly(id, us, "INC-4711");
        return { id, file: declaration([id]) };
    },
    "cancelled with the tag of another version of the file"(world) {
        const [id, other] = [world.seed(), world.seed()];
        world.cancelDirectly(id, us, tagged([other]));
        return { id, file: declaration([id, other]) };
    },
    "cancelled with a tag that is not at the end of the comment"(world) {
        const id = world.seed();
        world.cancelDirectly(id, us, `${tagged([id])} or not`);
        return { id, file: declaration([id]) };
    },
    "cancelled after notAfter"(world) {
        const id = world.seed();
        const notAfter = inMinutes(world, 30);
        world.scene.clock.advance(60 * 60_000);
        world.cancelDirectly(id, us, tagged([id], notAfter));
        return { id, file: declaration([id], notAfter) };
    },
    "cancelled after notAfter, which was then edited"(world) {
        const id = world.seed();
        const notAfter = inMinutes(world, 30);
        world.scene.clock.advance(60 * 60_000);
        world.cancelDirectly(id, us, tagged([id], notAfter));
        return { id, file: declaration([id], inMinutes(world, 600)) };
    },
    async "cancelled again after the evidence of an apply, whose times were widened"(world) {
        const id = world.seed();
        const { scene } = world;
        await scene.write("applied.json", JSON.stringify(declaration([id])));
        const apply = ["apply", "applied.json", "--reason", "pipeline down", "--as", owner, "--yes", "--json"];
        const { stdout } = await scene.run(apply);
        world.cancelAgain(id, 60, us, world.commentOf(id));
        const evidence = JSON.parse(stdout);
        const [run] = evidence.resource.outputs.evidence;
        Object.assign(evidence, { endedAtUtc: world.minutesAgo(-60) });
        Object.assign(run, { firstRequestUtc: world.minutesAgo(600), lastRequestUtc: world.minutesAgo(-600) });
        return { id, file: evidence };
    },
};

const honest: Readonly<Record<string, Arrange>> = {
    "cancelled for the file, as one set"(world) {
        const [id, other] = [world.seed(), world.seed()];
        world.cancelDirectly(id, us, tagged([id, other]));
        return { id, file: declaration([id, other]) };
    },
    "cancelled for the file, by a resource for each entry"(world) {
        const [id, other] = [world.seed(), world.seed()];
        world.cancelDirectly(id, us, tagged([id]));
        return { id, file: declaration([id, other]) };
    },
    "cancelled right before notAfter, by a clock that is two minutes ahead"(world) {
        const id = world.seed();
        const notAfter = world.minutesAgo(2);
        world.cancelDirectly(id, us, tagged([id], notAfter));
        return { id, file: declaration([id], notAfter) };
    },
    "declared with the id in upper case"(world) {
        const id = world.seed();
        world.cancelDirectly(id, us, tagged([id]));
        return { id, file: declaration([id.toUpperCase()]) };
    },
    async "cancelled by an apply"(world) {
        const id = world.seed();
        const { scene } = world;
        await scene.write("honest.json", JSON.stringify(declaration([id])));
        const apply = ["apply", "honest.json", "--reason", "pipeline down", "--as", owner, "--yes", "--json"];
        return { id, file: JSON.parse((await scene.run(apply)).stdout) };
    },
    "declared, and not cancelled yet"(world) {
        const id = world.seed();
        return { id, file: declaration([id]) };
    },
};

test("audit finds every cancellation that hides behind a file, and none that was made for its file", async (t) => {
    const world = await auditWorld(t);
    const cases: { name: string; id: string; isHidden: boolean }[] = [];
    for (const [table, isHidden] of [
        [honest, false],
        [hidden, true],
    ] as const) {
        for (const [name, arrange] of Object.entries(table)) {
            const { id, file } = await arrange(world);
            cases.push({ name, id, isHidden });
            await world.scene.write(`case-${cases.length}.json`, JSON.stringify(file));
        }
    }
    const files = cases.map((_, index) => `case-${index + 1}.json`);
    const run = await world.scene.run(["audit", "--json", "--declared", ...files]);
    const found = foundBy(run);
    t.is(run.code, 2, run.stderr);
    const wrong = cases.filter(({ id, isHidden }) => isHidden !== found.has(id));
    t.deepEqual(
        wrong.map(({ name, id }) => `${name}: ${found.get(id)}`),
        [],
    );
});

test("a file does not cover what the record of the same declaration denies", async (t) => {
    const world = await auditWorld(t);
    const id = world.seed();
    const declaredBy = "incident/prod/playbook-12";
    const record = await world.cancel(id, { declaredBy });
    await world.scene.write("incident.json", JSON.stringify(declaration([id])));
    const args = ["--declared", "incident.json"];
    t.is((await world.audit([record], args)).code, 0);

    world.cancelAgain(id, 1, us, tagged([id]));
    const denied = unsent(record, "ERR_DEFENDER_DENIED");
    t.is((await world.scene.run(["audit", ...args])).code, 0);
    t.regex(foundBy(await world.audit([denied], args)).get(id) ?? "", /shows no request \(ERR_DEFENDER_DENIED\)/);
    // The record of another declaration says nothing about this one.
    denied.inputs.declaredBy = "other/prod/playbook-12";
    t.is((await world.audit([denied], args)).code, 0);
});

test("the record of an apply that ended before it read the action says nothing of it", async (t) => {
    const world = await auditWorld(t);
    const { scene } = world;
    const id = world.seed();
    await scene.write("incident.json", JSON.stringify(declaration([id])));
    const apply = ["apply", join(scene.folder, "incident.json"), "--reason", "pipeline down", "--as", owner, "--yes"];
    // No file can be created there, so that the lines are on stderr.
    const { stderr } = await scene.run(apply, { cwd: "/proc" });
    const [header = "", request = ""] = stderr.split("\n").filter((line) => line.startsWith('{"line":'));
    world.cancelAgain(id, 60, us, tagged([id]));
    await scene.write("header.json", `${header}\n`);
    t.is((await scene.run(["audit", "--declared", "incident.json", "header.json"])).code, 0);
    t.is((await scene.run(["audit", "--declared", "header.json"])).code, 2);
    // A record with a request counts more than the file.
    await scene.write("request.json", `${header}\n${request}\n`);
    t.is((await scene.run(["audit", "--declared", "incident.json", "request.json"])).code, 2);
});
