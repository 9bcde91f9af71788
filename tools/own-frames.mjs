// Loaded into the processes of the tests, because with --tap AVA shows only the first frame of a failure, which would
// otherwise be one of AVA's own.
Error.prepareStackTrace = (error, frames) => {
    const others = frames.filter((frame) => !frame.getFileName()?.includes("/node_modules/ava/"));
    return [
        Error.prototype.toString.call(error),
        ...(others.length > 0 ? others : frames).map((frame) => `    at ${frame}`),
    ].join("\n");
};
