/**
 * AVA inside one process. AVA starts a worker for each test file, but a mutation test runs a few short tests for each
 * of thousands of mutants. So this replaces the module "ava": it collects the tests that the files declare, with AVA's
 * own chain, and runs each as AVA's own `Test`. Assertions, macros and plans are AVA's; hooks and snapshots are
 * refused.
 */
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";

/** One test, which can be run repeatedly. */
export interface DeclaredTest {
    /** The same in each process. */
    readonly id: string;
    readonly file: string;
    readonly title: string;
    /** Resolves to the reason why it failed, or to undefined when it passed. */
    run(): Promise<string | undefined>;
}

type Metadata = Readonly<Record<"type", string> & Record<"skipped" | "todo", boolean>>;
interface ParsedArgs {
    readonly args: readonly unknown[];
    readonly implementation: (t: unknown, ...args: readonly unknown[]) => unknown;
    readonly title: { readonly value: string };
}

const load = async (name: string) => import(new URL(`../../node_modules/ava/lib/${name}`, import.meta.url).href);
(await load("chalk.js")).set({ level: 0 });
const { default: createChain } = await load("create-chain.js");
const { default: parseTestArgs } = await load("parse-test-args.js");
const { default: Test } = await load("test.js");
const { default: ContextRef } = await load("context-ref.js");

let file = "";
let declared: DeclaredTest[] = [];

function declare(metadata: Metadata, testArgs: unknown[]): void {
    if (metadata.type !== "test") {
        throw new Error(`${file} has hooks, which the mutation test does not run`);
    }
    if (metadata.skipped || metadata.todo) {
        return;
    }
    const { args, implementation, title }: ParsedArgs = parseTestArgs(testArgs);
    declared.push({
        id: `${file}: ${title.value}`,
        file,
        title: title.value,
        async run() {
            const { passed, error } = await new Test({
                metadata,
                title: title.value,
                fn: (t: unknown) => implementation(t, ...args),
                contextRef: new ContextRef(),
                failWithoutAssertions: true,
                registerUniqueTitle: () => true,
                notifyTimeoutUpdate() {},
            }).run();
            return passed ? undefined : String(error?.message || error);
        },
    });
}

const defaults = { serial: false, exclusive: false, skipped: false, selected: true, todo: false, failing: false };

/** The `test` function that a test file gets. */
const chain: unknown = createChain(declare, { ...defaults, callback: false, inline: false, always: false }, {});
export default chain;

registerHooks({
    resolve: (specifier, context, next) =>
        specifier === "ava" ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
});

/** Loads test files, one after another, and returns their tests. A process can load each file once. */
export async function loadTests(paths: readonly string[]): Promise<DeclaredTest[]> {
    declared = [];
    for (const path of paths) {
        file = relative(process.cwd(), path);
        await import(pathToFileURL(path).href);
    }
    return declared;
}
