package io.levada.local;

import picocli.CommandLine.Option;

/// What `run` and `demo` have in common.
final class RunOptions {
    @Option(
            names = "--port",
            paramLabel = "N",
            description = "First of five HTTP ports on 127.0.0.1. Default: ${DEFAULT-VALUE}.")
    int port = LocalPorts.DEFAULT_FIRST;

    @Option(
            names = "--once",
            description = "Ends as soon as all that was in the sources at start has passed every stage.")
    boolean once;
}
