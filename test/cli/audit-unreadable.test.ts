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
