/**
 * The name of the one resource hook that this package registers. State holds the name, so it never changes, and
 * `doctor --state` accepts no other.
 */
export const preflightHookName = "defender-preflight";
