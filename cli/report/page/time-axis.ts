const hour = 3_600_000;
const steps = [60_000, 5 * 60_000, 15 * 60_000, hour, 3 * hour, 12 * hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour];

/** The lines and labels of a time axis, in UTC. `x`: the place of a time, in milliseconds since the epoch. */
export function timeAxis(from: number, to: number, x: (at: number) => number, height: number): string {
    const step = steps.find((one) => (to - from) / one <= 6) ?? (to - from) / 6;
    const first = Math.ceil(from / step) * step;
    const ticks = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
    return ticks
        .map((at) => {
            const time = new Date(at).toISOString();
            const anchor = x(at) > x(to) - 60 ? "end" : "middle";
            return (
                `<line class="grid" x1="${x(at)}" y1="38" x2="${x(at)}" y2="${height}"/>` +
                `<text class="tick" x="${x(at)}" y="14" text-anchor="${anchor}">${time.slice(0, 10)}</text>` +
                `<text class="tick" x="${x(at)}" y="30" text-anchor="${anchor}">${time.slice(11, 16)} UTC</text>`
            );
        })
        .join("\n");
}
