package io.levada.local;

import io.levada.definition.PipelineDefinition;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One run of a pipeline at the console: starts it, shows what happens, and stops it cleanly.
final class LocalRun {
    private static final Duration WATCH = Duration.ofSeconds(3);

    private final PipelineDefinition definition;
    private final DataDirectory data;
    private final LocalPorts ports;
    private final boolean once;
    private final StopSignal stop;
    private final PrintStream out;
    private final Runnable awaitSources;

    LocalRun(
            PipelineDefinition definition,
            DataDirectory data,
            LocalPorts ports,
            boolean once,
            StopSignal stop,
            PrintStream out) {
        this(definition, data, ports, once, stop, out, () -> {});
    }

    /// @param awaitSources returns as soon as the sources can be read; called while other parts start
    LocalRun(
            PipelineDefinition definition,
            DataDirectory data,
            LocalPorts ports,
            boolean once,
            StopSignal stop,
            PrintStream out,
            Runnable awaitSources) {
        this.definition = definition;
        this.data = data;
        this.ports = ports;
        this.once = once;
        this.stop = stop;
        this.out = out;
        this.awaitSources = awaitSources;
    }

    /// @return the exit code, once the run has ended or Ctrl-C was pressed
    int run() throws InterruptedException {
        data.requireSpace(DataDirectory.RESERVE_BYTES);
        Progress progress = new Progress(out);
        progress.say("Starting " + definition.project() + "; data and logs under " + data.root());
        try (LocalPipeline _ =
                        LocalPipeline.start(definition, data, ports, once, List.of(new SourcesFirst(awaitSources)));
                ServiceClient client = new ServiceClient()) {
            progress.say("The broker and five services run");
            if (once) {
                PipelineStatus status = new OnceRun(() -> status(client), progress, stop.requested()).await();
                progress.summary(status);
            } else {
                new ReadyNotice(definition, ports).print(out);
                watch(client, progress, stop.requested());
                out.println("Stopping ...");
            }
        }
        return 0;
    }

    private PipelineStatus status(ServiceClient client) {
        data.requireSpace(DataDirectory.RESERVE_BYTES);
        return PipelineStatus.ask(client, ports);
    }

    private void watch(ServiceClient client, Progress progress, CountDownLatch interrupted)
            throws InterruptedException {
        while (!interrupted.await(WATCH.toMillis(), TimeUnit.MILLISECONDS)) {
            data.requireSpace(DataDirectory.RESERVE_BYTES);
            try {
                progress.show(PipelineStatus.ask(client, ports));
            } catch (LocalException e) {
                progress.say("A service does not answer: " + e.getMessage());
            }
        }
    }
}
