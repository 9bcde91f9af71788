import DataLoader from "dataloader";

interface Asked<Answer> {
    answer: Promise<Answer> | undefined;
}

/**
 * Asks together what is asked at about the same time. Each question gets its own answer as soon as it is there: the
 * slowest holds up nobody. Nothing is cached: an answer would be older than the question. `ask` returns an answer for
 * each question, in their order.
 */
export function createGathering<Question, Answer>(
    ask: (questions: readonly Question[]) => readonly Promise<Answer>[],
    gatherMs: number,
): (question: Question) => Promise<Answer> {
    // In an object, because a loader waits for promises: all of them.
    const loader = new DataLoader<Question, Asked<Answer>>(
        async (questions) => ask(questions).map((answer) => ({ answer })),
        { cache: false, batchScheduleFn: (dispatch) => setTimeout(dispatch, gatherMs) },
    );
    return async (question) => {
        const asked = await loader.load(question);
        const { answer } = asked;
        if (!answer) {
            throw new Error("an answer is given once");
        }
        // The loader keeps its last batch, but shall not keep the answers of a thousand.
        asked.answer = undefined;
        return answer;
    };
}
