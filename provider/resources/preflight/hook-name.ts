/**
 * The name of the resource hook by which a preview sees the inputs that are registered. A hook's name is stored in the
 * state of the resources that an update creates or changes; this one is bound in previews alone, which store nothing.
 */
export const preflightHookName = "defender-preflight";
