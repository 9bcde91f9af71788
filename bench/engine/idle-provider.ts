/** Outputs of a real resource. A stand-in copies them, so that both move as much data through the SDK and engine. */
export type Sample = Readonly<Record<string, unknown>>;

/**
 * The `__provider` text of a set that does nothing: it takes the same inputs and at once returns outputs of the same
 * size. Its results repeat the result of the first entry of the sample.
 */
export function idleSet({ results, counts, evidence, digest, desiredStatus }: Sample): string {
    const [result] = Object.values(results as object);
    return idleProvider(`({ cancellations, ...news }) => ({
        ...news,
        ...${JSON.stringify({ counts, evidence, digest, desiredStatus })},
        results: Object.fromEntries(
            cancellations.map(({ machineActionId }, at) => [machineActionId, { ...${JSON.stringify(result)}, at }]),
        ),
    })`);
}

/** As {@link idleSet}, for a single resource. */
export function idleSingle(sample: Sample): string {
    return idleProvider(`(news) => ({ ...${JSON.stringify(sample)}, ...news })`);
}

/** `outputs` is the source text of a function from the inputs to the outputs. */
function idleProvider(outputs: string): string {
    return `exports.handler = () => {
    const outputs = ${outputs};
    return {
        check: async (olds, news) => ({ inputs: news, failures: [] }),
        diff: async () => ({ changes: false }),
        create: async (news) => ({ id: news.machineActionId ?? "set", outs: outputs(news) }),
        read: async (id, props) => ({ id, props }),
        update: async (id, olds, news) => ({ outs: outputs(news) }),
        delete: async () => {},
    };
};`;
}
