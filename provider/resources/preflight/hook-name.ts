/**
 * The name of the resource hook that gives a preview the registered inputs. An update would store a hook's name in the
 * state of the resources that it creates or changes. This hook is bound only in previews, which store nothing.
 */
export const preflightHookName = "defender-preflight";
