/**
 * An escape sequence as terminals read it. It is removed as a whole, because otherwise its visible rest ("[31m") would
 * remain.
 */
export const escapeSequences: RegExp =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with the escape character
    /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** Only what begins an escape sequence. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with the escape character
export const escapeStarts: RegExp = /\u001b[[\]]?|\u009b/g;
