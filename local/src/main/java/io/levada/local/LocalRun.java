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
    private static final Duration STOP = Duration.ofSeconds(90);

    private final PipelineDefinition definition;
    private final DataDirectory data;
    private final LocalPorts ports;
    private final boolean once;
    private final PrintStream out;

    LocalRun(PipelineDefinition definition, DataDirectory data, LocalPorts ports, boolean once, PrintStream out) {
        this.definition = definition;
        this.data = data;
        this.ports = ports;
        this.once = once;
        this.out = out;
    }

    /// @return the exit code, once the run has ended or Ctrl-C was pressed
    int run() throws InterruptedException {
        Progress progress = new Progress(out);
        progress.say("Starting " + definition.project() + "; data and logs under " + data.root());
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().name("levada-stop").unstarted(() -> awaitStop(interrupted, stopped));
        Runtime.getRuntime().addShutdownHook(hook);
        try (LocalPipeline _ = LocalPipeline.start(definition, data, ports, once, List.of());
                ServiceClient client = new ServiceClient()) {
            progress.say("The broker and five services run");
            if (once) {
                PipelineStatus status =
                        new OnceRun(() -> PipelineStatus.ask(client, ports), progress, interrupted).await();
                progress.summary(status);
            } else {
                new ReadyNotice(definition, ports).print(out);
                watch(client, progress, interrupted);
                out.println("Stopping ...");
            }
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private void watch(ServiceClient client, Progress progress, CountDownLatch interrupted)
            throws InterruptedException {
        while (!interrupted.await(WATCH.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                progress.show(PipelineStatus.ask(client, ports));
            } catch (LocalException e) {
                progress.say("A service does not answer: " + e.getMessage());
            }
        }
    }

    /// Runs in the JVM's shutdown: the main thread closes everything, and the JVM ends when it has.
    private static void awaitStop(CountDownLatch interrupted, CountDownLatch stopped) {
        interrupted.countDown();
        try {
            stopped.await(STOP.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
