/**
 * Batches the questions that arrive within `gatherMs` of the first one. Each question gets its answer as soon as the
 * answer arrives, so the slowest answer delays no other answer. Nothing is cached, because a cached answer would be
 * older than the question. `ask` returns an answer for each question, in the order of the questions.
 */
export function createBatcher<Question, Answer>(
    ask: (questions: readonly Question[]) => readonly Promise<Answer>[],
    gatherMs: number,
): (question: Question) => Promise<Answer> {
    let waiting: (PromiseWithResolvers<Answer> & { readonly question: Question })[] = [];

    function askAll(): void {
        const batch = waiting;
        waiting = [];
        try {
            const answers = ask(batch.map(({ question }) => question));
            for (const [index, { resolve }] of batch.entries()) {
                resolve(answers[index] ?? Promise.reject(new Error("a question got no answer")));
            }
        } catch (error) {
            for (const { reject } of batch) {
                reject(error);
            }
        }
    }

    return (question) => {
        if (waiting.length === 0) {
            setTimeout(askAll, gatherMs);
        }
        const one = { question, ...Promise.withResolvers<Answer>() };
        waiting.push(one);
        return one.promise;
    };
}
