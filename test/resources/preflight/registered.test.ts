import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { registrationOf, withPreviewHook } from "../../../provider/resources/preflight/registered.ts";

const { getStore } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/state") as {
    getStore(): { supportsResourceHooks: boolean };
};

class One extends pulumi.CustomResource {
    declare readonly status: pulumi.Output<string>;

    constructor(name: string) {
        super("test:index:One", name, {
            machineActionId: "from the program",
            status: undefined,
            desiredStatus: undefined,
        });
    }
}

/** Plays an engine's preview, in which a transform changes the id. */
async function preview(isDryRun = true): Promise<void> {
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, inputs }) => ({
                id: name,
                state: {
                    ...inputs,
                    machineActionId: "registered",
                    ...(name === "left-out" ? {} : { desiredStatus: "Cancelled" }),
                    ...(name === "proven" ? { status: "Cancelled" } : { status: pulumi.runtime.unknownValue }),
                },
            }),
            call: () => ({}),
        },
        "project",
        "stack",
        isDryRun,
    );
}

/** The client of the engine has the method whatever the CLI knows. */
function useOldCli(): void {
    Object.assign(pulumi.runtime.getMonitor() ?? {}, { registerResourceHook() {} });
    getStore().supportsResourceHooks = false;
}

test.serial("with a CLI that does not know hooks the outputs tell what is registered", async (t) => {
    await preview();
    useOldCli();
    const { hooks } = withPreviewHook({});
    t.is(hooks?.beforeCreate?.length, 1);
    const [one, leftOut, proven] = ["one", "left-out", "proven"].map((name) => new One(name));
    if (!one || !leftOut || !proven) {
        return t.fail();
    }
    const registration = await registrationOf(one, one.status);
    t.like(registration, { inputs: { machineActionId: "registered" }, stored: {} });
    t.is(await registrationOf(leftOut, leftOut.status), "untouched");
    t.is(await registrationOf(proven, proven.status), "untouched");
});

test.serial("the hook is bound in previews alone, once in a run, and beside those of the program", async (t) => {
    await preview();
    useOldCli();
    const own = () => {};
    const first = withPreviewHook({ hooks: { beforeCreate: [own], afterCreate: [own] }, protect: true });
    const second = withPreviewHook({});
    t.deepEqual(first.hooks?.beforeCreate?.[1], own);
    t.deepEqual(first.hooks?.afterCreate, [own]);
    t.true(first.protect);
    t.is(first.hooks?.beforeUpdate?.[0], second.hooks?.beforeCreate?.[0]);
    const watched = withPreviewHook({ id: "watched" });
    t.is(watched.hooks?.beforeCreate?.[0], first.hooks?.beforeUpdate?.[0], "a transformation may take the id away");
    const [hook] = second.hooks?.beforeCreate ?? [];
    await preview();
    useOldCli();
    t.not(withPreviewHook({}).hooks?.beforeCreate?.[0], hook, "another run has a hook of its own");
    await preview(false);
    t.deepEqual(withPreviewHook({}), {});
});

test.serial("without an engine there is no hook", async (t) => {
    await preview();
    t.deepEqual(withPreviewHook({}), {});
});
