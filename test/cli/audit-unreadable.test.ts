import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { commandScene } from "../helpers/command.ts";

test("a file of a folder that cannot be read is named itself, not the folder", async (t) => {
    const { run, folder, write } = await commandScene(t);
    await mkdir(join(folder, "incidents", "may"), { recursive: true });
    await write("incidents/other.yaml", "version: 1\ncomment: x\ncancellations: []\n");
    const inner = join("incidents", "may", "x.yaml");
    const audit = async () => (await run(["audit", "--declared", "incidents"])).stderr;
    await symlink("nowhere.yaml", join(folder, inner));
    t.is(
        await audit(),
        `defender-cancellation: ${inner} cannot be read: ENOENT, it is a link to a file that does not exist\n`,
    );
    await symlink("loop.yaml", join(folder, "incidents", "loop.yaml"));
    t.is(await audit(), `defender-cancellation: ${join("incidents", "loop.yaml")} cannot be read: ELOOP\n`);
});

test("links to a folder above them end no audit late, and hide no file", async (t) => {
    const { run, folder, write } = await commandScene(t);
    await mkdir(join(folder, "incidents", "may"), { recursive: true });
    await write("incidents/may/broken.yaml", "version: 2\n");
    // Followed, these links would give two to the power of forty ways.
    await symlink("..", join(folder, "incidents", "may", "one"));
    await symlink("../../incidents", join(folder, "incidents", "may", "two"));
    const { code, stderr } = await run(["audit", "--declared", "incidents"]);
    t.is(code, 1);
    t.true(stderr.includes(`${join("incidents", "may", "broken.yaml")}:1:`), stderr);
    await write(
        "incidents/may/broken.yaml",
        "version: 1\ncomment: x\ncancellations:\n    - machineActionId: 5f2c7a10-93b4-4c1e-8d2f-000000000001\n",
    );
    t.is((await run(["audit", "--declared", "incidents"])).code, 0);
});
