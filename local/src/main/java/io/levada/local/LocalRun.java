package io.levada.local;

import io.levada.definition.PipelineDefinition;
import io.levada.ingest.DefinitionNotice;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// One run of a pipeline at the console: starts it, shows what happens, and stops it cleanly.
final class LocalRun {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration WATCH = Duration.ofSeconds(3);

    private final ProjectWatch project;
    private final PipelineDefinition definition;
    private final DataDirectory data;
    private final LocalPorts ports;
    private final boolean once;
    private final StopSignal stop;
    private final PrintStream out;
    private final Runnable awaitSources;

    /// @param definition as read from the project
    LocalRun(
            ProjectWatch project,
            PipelineDefinition definition,
            DataDirectory data,
            LocalPorts ports,
            boolean once,
            StopSignal stop,
            PrintStream out) {
        this(project, definition, data, ports, once, stop, out, () -> {});
    }

    /// @param definition as read from the project
    /// @param awaitSources returns as soon as the sources can be read; called while other parts start
    LocalRun(
            ProjectWatch project,
            PipelineDefinition definition,
            DataDirectory data,
            LocalPorts ports,
            boolean once,
            StopSignal stop,
            PrintStream out,
            Runnable awaitSources) {
        this.project = project;
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
        LakeBucket.requireUsable(definition.lake());
        BrokerEnd.tell(data, System.err);
        Progress progress = new Progress(out);
        progress.say("Starting " + definition.project() + "; data and logs under " + data.root());
        LiveDefinition live = new LiveDefinition(project, definition, stop.requested(), progress::say);
        ApplicationContextInitializer<GenericApplicationContext> notice =
                context -> context.registerBean(DefinitionNotice.class, () -> live);
        SourcesFirst sources = new SourcesFirst(awaitSources);
        StartNews news = new StartNews(progress::say);
        try (LocalPipeline pipeline = LocalPipeline.start(
                        definition, data, ports, once, once ? List.of(sources, news) : List.of(sources, news, notice));
                ServiceClient client = ServiceClient.within(definition)) {
            progress.say("The broker and five services run");
            if (once) {
                PipelineStatus status = new OnceRun(() -> status(client), progress, stop.requested()).await();
                progress.summary(status);
            } else {
                new ReadyNotice(definition, ports).print(out);
                watch(() -> live.look(pipeline::apply), client, progress);
                out.println("Stopping ...");
            }
        }
        return 0;
    }

    private PipelineStatus status(ServiceClient client) {
        data.requireSpace(DataDirectory.RESERVE_BYTES);
        return PipelineStatus.ask(client, ports);
    }

    private void watch(Runnable definitionLook, ServiceClient client, Progress progress) throws InterruptedException {
        long shownAt = System.nanoTime();
        while (!stop.requested().await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            data.requireSpace(DataDirectory.RESERVE_BYTES);
            definitionLook.run();
            if (System.nanoTime() - shownAt >= WATCH.toNanos()) {
                show(client, progress);
                shownAt = System.nanoTime();
            }
        }
    }

    private void show(ServiceClient client, Progress progress) {
        try {
            progress.show(PipelineStatus.ask(client, ports));
        } catch (LocalException e) {
            progress.say("A service does not answer: " + e.getMessage());
        }
    }
}
