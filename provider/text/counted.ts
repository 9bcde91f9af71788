/** "1 machine action", "60 machine actions". */
export function counted(count: number, what: string, plural: string = `${what}s`): string {
    return `${count} ${count === 1 ? what : plural}`;
}
