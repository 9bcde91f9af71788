/** Why text that a reviewer approves must not be secret, for the messages of both providers. */

export const plainComment = "expected plain text, because everyone with read access to Defender sees the comment";

export const plainExpect = "expected plain text, because previews, errors and records show it as plain text";

export const secretIdIsAllowed = "A secret machineActionId is allowed where the list and its entries are not secret";
