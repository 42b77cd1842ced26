package io.levada.local;

import io.levada.local.PipelinePart.Part;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import io.levada.testing.ScratchDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Strikes a pipeline of parts, and waits after each strike until a change that is made then is in the lake.
final class Faults {
    private static final Duration RECOVERY = Duration.ofMinutes(15);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration POSTGRES = Duration.ofMinutes(2);

    /// One fault and what came of it.
    ///
    /// @param struckAt when work was cut
    /// @param inFlight the phases that were begun and not ended then
    /// @param recovery from the end of the fault until a change made then was in the lake
    /// @param died the parts that ended by themselves meanwhile
    record Outcome(
            Fault fault, String target, Instant struckAt, Set<Phase> inFlight, Duration recovery, List<Part> died) {}

    /// What a fault leaves to be done once it has struck.
    private record Strike(String target, Instant at, Set<Phase> inFlight) {}

    private final EmbeddedPostgresServer postgres;
    private final PipelineParts parts;
    private final ScratchDisk disk;
    private final AddedSources added;
    private final Random random;
    private final Consumer<String> say;
    private int probes;

    Faults(
            EmbeddedPostgresServer postgres,
            PipelineParts parts,
            ScratchDisk disk,
            AddedSources added,
            Random random,
            Consumer<String> say) {
        this.postgres = postgres;
        this.parts = parts;
        this.disk = disk;
        this.added = added;
        this.random = random;
        this.say = say;
    }

    /// Strikes, undoes, and waits for the recovery.
    Outcome strike(Fault fault) throws Exception {
        Strike strike = switch (fault) {
            case KILL_ALL -> {
                Strike all = killed("all", Part.INGEST, Part.SERVICES, Part.BROKER);
                parts.startAll();
                yield all;
            }
            case KILL_INGEST -> restarted(Part.INGEST);
            case KILL_SERVICES -> restarted(Part.SERVICES);
            case BROKER_RESTART -> restarted(Part.BROKER);
            case PAUSE -> paused();
            case PREDECESSOR_WAKES -> predecessorWakes();
            case POSTGRES_RESTART -> postgresRestarted();
            case CONNECTIONS_CUT -> connectionsCut();
            case DISK_FULL -> diskFull();
            case KILL_IN_LOAD -> killedInLoad();
        };
        long over = System.nanoTime();
        awaitFlow();
        return new Outcome(
                fault,
                strike.target(),
                strike.at(),
                strike.inFlight(),
                Duration.ofNanos(System.nanoTime() - over),
                parts.died());
    }

    /// Makes a change and waits until the lake has it; what died by itself is started again.
    void awaitFlow() throws Exception {
        int id = probe();
        awaitProbe(id);
    }

    private void awaitProbe(int id) throws Exception {
        String sql = "SELECT count(*) FROM raw.shop_probe WHERE id = " + id;
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        String last = "no answer";
        while (true) {
            parts.supervise();
            try {
                last = parts.services().query(sql).toString();
                if (last.equals("[[1]]")) {
                    return;
                }
            } catch (IOException | IllegalStateException e) {
                last = e.toString();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Probe " + id + " is not in the lake after " + RECOVERY + ": " + last
                        + "; ingest says " + ingestStatus());
            }
            pause(LOOK);
        }
    }

    private String ingestStatus() {
        try {
            return parts.process(Part.INGEST)
                    .get(LevadaService.INGEST, "/v1/status")
                    .body();
        } catch (Exception e) {
            return e.toString();
        }
    }

    /// One row of its own transaction.
    private int probe() {
        int id = ++probes;
        Eventually.within(
                POSTGRES,
                () -> postgres.execute(
                        AddedSources.SHOP,
                        "INSERT INTO probe VALUES (" + id + ", clock_timestamp()) ON CONFLICT DO NOTHING"));
        return id;
    }

    int probes() {
        return probes;
    }

    /// A change is on its way whenever a fault strikes.
    private Strike now(String target) throws IOException {
        probe();
        return new Strike(target, Instant.now(), parts.inFlight());
    }

    private Strike killed(String target, Part... killed) throws Exception {
        Strike strike = now(target);
        for (Part part : killed) {
            parts.kill(part);
        }
        return new Strike(target, strike.at(), parts.inFlight());
    }

    private Strike restarted(Part part) throws Exception {
        Strike strike = killed(part.name(), part);
        if (part == Part.BROKER) {
            pause(Duration.ofMillis(random.nextInt(6_000)));
        }
        parts.start(part);
        return strike;
    }

    private Strike paused() throws Exception {
        Part part = Part.values()[random.nextInt(Part.values().length)];
        Duration length = Duration.ofSeconds(2 + random.nextInt(16));
        Strike strike = now(part + " " + length.toSeconds() + " s");
        parts.process(part).signal("STOP");
        pause(length);
        parts.process(part).signal("CONT");
        return strike;
    }

    /// The predecessor wakes beside its successor, and both live on until the one has left its work to the other.
    private Strike predecessorWakes() throws Exception {
        Strike strike = now("INGEST");
        parts.process(Part.INGEST).signal("STOP");
        try (PipelineProcess predecessor = parts.replaceIngest()) {
            awaitFlow();
            predecessor.signal("CONT");
            awaitFlow();
            pause(Duration.ofSeconds(5 + random.nextInt(10)));
            awaitFlow();
            Eventually.within(
                    RECOVERY,
                    () -> predecessor.get(LevadaService.INGEST, "/v1/status").body(),
                    said -> said.contains("CAPTURE-FENCED") && said.contains("INGEST-FENCED"));
            awaitFlow();
            predecessor.kill();
            // The successor has a port of its own.
            parts.kill(Part.INGEST);
            parts.start(Part.INGEST);
            return strike;
        }
    }

    private Strike postgresRestarted() throws IOException {
        Strike strike = now("postgres");
        postgres.kill();
        pause(Duration.ofMillis(random.nextInt(4_000)));
        postgres.restart();
        return strike;
    }

    private Strike connectionsCut() throws IOException, SQLException {
        Strike strike = now("sessions");
        int cuts = 1 + random.nextInt(5);
        for (int cut = 0; cut < cuts; cut++) {
            try (Connection connection = postgres.connect(AddedSources.SHOP);
                    Statement statement = connection.createStatement()) {
                statement.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'levada%'");
            }
            pause(Duration.ofMillis(random.nextInt(1_000)));
        }
        return strike;
    }

    private Strike diskFull() throws IOException {
        Strike strike = now("data directory");
        disk.fill();
        try {
            probe();
            pause(Duration.ofSeconds(4 + random.nextInt(10)));
        } finally {
            disk.empty();
        }
        return strike;
    }

    private Strike killedInLoad() throws Exception {
        String source = added.add();
        parts.kill(Part.INGEST);
        parts.start(Part.INGEST);
        Path marks = parts.marks(Part.INGEST);
        Eventually.within(
                RECOVERY,
                () -> {
                    added.change(source);
                    return PhaseMarks.inFlight(marks).contains(Phase.LOAD);
                },
                loading -> loading);
        pause(Duration.ofMillis(random.nextInt(400)));
        Strike strike = killed(source, Part.INGEST);
        added.change(source);
        parts.start(Part.INGEST);
        return strike;
    }

    /// Every fault once and then what the seed says; those that the machine does not allow are left out.
    static List<Fault> plan(int count, Random random, boolean canFill) {
        List<Fault> kinds = new java.util.ArrayList<>(EnumSet.allOf(Fault.class));
        if (!canFill) {
            kinds.remove(Fault.DISK_FULL);
        }
        List<Fault> plan = new java.util.ArrayList<>();
        while (plan.size() < count) {
            List<Fault> round = new java.util.ArrayList<>(kinds);
            java.util.Collections.shuffle(round, random);
            plan.addAll(round);
        }
        return List.copyOf(plan.subList(0, count));
    }

    private static void pause(Duration duration) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(duration.toMillis()));
    }
}
