/** Calls a function each second of real time, without keeping the process alive. Returns what ends that. */
export function eachSecond(run: () => void): () => void {
    const timer = setInterval(run, 1_000);
    timer.unref();
    return () => clearInterval(timer);
}
