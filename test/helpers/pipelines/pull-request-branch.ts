/** Runs git in a checkout; returns what it prints. */
export type Git = (...args: string[]) => Promise<string>;

/** Commits the checkout as the base branch, which origin has too, and switches to the branch of a pull request. */
export async function beginPullRequest(git: Git): Promise<void> {
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "Base");
    await git("remote", "add", "origin", ".");
    await git("update-ref", "refs/remotes/origin/main", "main");
    await git("switch", "--quiet", "--create", "inc-4711");
}
