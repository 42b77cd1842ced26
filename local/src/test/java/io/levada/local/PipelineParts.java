package io.levada.local;

import io.levada.testing.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A pipeline whose broker, ingest-service and other services run in a process each, so that each can be stopped,
/// paused and replaced on its own. What died by itself is started again and noted.
final class PipelineParts implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);

    private final Path project;
    private final Path ingestProject;
    private final Path data;
    private final Path marks;
    private final LocalPorts ports = PipelineProcess.freePorts();
    private final int kafkaPort = PipelineProcess.freePorts().first();
    private final Map<PipelinePart.Part, PipelineProcess> running = new EnumMap<>(PipelinePart.Part.class);
    private final Map<PipelinePart.Part, Path> marksOf = new EnumMap<>(PipelinePart.Part.class);
    private final List<PipelinePart.Part> died = new ArrayList<>();
    private int starts;

    /// @param project of all services but ingest-service
    /// @param ingestProject of ingest-service
    /// @param data holds a folder for each part
    /// @param marks a folder for the marks of phases
    PipelineParts(Path project, Path ingestProject, Path data, Path marks) {
        this.project = project;
        this.ingestProject = ingestProject;
        this.data = data;
        this.marks = marks;
    }

    void startAll() throws Exception {
        start(PipelinePart.Part.BROKER);
        start(PipelinePart.Part.SERVICES);
        start(PipelinePart.Part.INGEST);
    }

    void start(PipelinePart.Part part) throws Exception {
        running.put(part, launch(part, part == PipelinePart.Part.INGEST ? ports.of(LevadaService.INGEST) : 0));
        if (part == PipelinePart.Part.BROKER) {
            awaitBroker();
        }
    }

    /// Starts another ingest-service on the data directory of the one that runs, as happens where a paused machine is
    /// taken for dead: the lock goes with it.
    ///
    /// @return the one that ran
    PipelineProcess replaceIngest() throws Exception {
        Files.deleteIfExists(root(PipelinePart.Part.INGEST).resolve("levada.lock"));
        PipelineProcess predecessor = process(PipelinePart.Part.INGEST);
        running.put(
                PipelinePart.Part.INGEST,
                launch(PipelinePart.Part.INGEST, LocalPorts.unused(1).getFirst()));
        return predecessor;
    }

    private PipelineProcess launch(PipelinePart.Part part, int port) throws IOException {
        Path of = part == PipelinePart.Part.INGEST ? ingestProject : project;
        Path markFile = marks.resolve(part + "-" + starts++);
        marksOf.put(part, markFile);
        return PipelineProcess.part(
                of,
                root(part),
                ports,
                List.of(
                        part.name(),
                        root(part).toString(),
                        Integer.toString(kafkaPort),
                        of.toString(),
                        Integer.toString(ports.first()),
                        Integer.toString(port),
                        markFile.toString()));
    }

    private void awaitBroker() {
        Eventually.within(START, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", kafkaPort), 1_000);
            }
        });
    }

    private Path root(PipelinePart.Part part) {
        return data.resolve(part.name().toLowerCase(java.util.Locale.ROOT));
    }

    PipelineProcess process(PipelinePart.Part part) {
        PipelineProcess process = running.get(part);
        if (process == null) {
            throw new IllegalStateException(part + " was not started");
        }
        return process;
    }

    /// The process that answers queries.
    PipelineProcess services() {
        return process(PipelinePart.Part.SERVICES);
    }

    /// The marks of the part's newest process.
    Path marks(PipelinePart.Part part) {
        return java.util.Objects.requireNonNull(marksOf.get(part));
    }

    LocalPorts ports() {
        return ports;
    }

    void kill(PipelinePart.Part part) throws InterruptedException {
        process(part).kill();
        process(part).close();
    }

    /// Starts what died by itself again, as a supervisor would.
    void supervise() throws Exception {
        for (PipelinePart.Part part : PipelinePart.Part.values()) {
            if (!process(part).isAlive()) {
                died.add(part);
                process(part).close();
                start(part);
            }
        }
    }

    /// What died by itself since the last call.
    List<PipelinePart.Part> died() {
        List<PipelinePart.Part> all = List.copyOf(died);
        died.clear();
        return all;
    }

    /// The phases that the parts are in the middle of now, or were when they died.
    Set<Phase> inFlight() throws IOException {
        Set<Phase> phases = EnumSet.noneOf(Phase.class);
        for (Path file : marksOf.values()) {
            if (Files.exists(file)) {
                phases.addAll(PhaseMarks.inFlight(file));
            }
        }
        return phases;
    }

    @Override
    public void close() {
        running.values().forEach(PipelineProcess::close);
    }
}
