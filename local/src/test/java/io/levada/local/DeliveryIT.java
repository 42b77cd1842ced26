package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.ScratchDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// A campaign of faults against a pipeline in several processes, while a database is written to in every way and files
/// are dropped; then everything is compared with the sources.
///
/// Runs in `mvn verify -Pdelivery`, not in `mvn verify`. `-Ddelivery.faults=N` and `-Ddelivery.seed=N` make another
/// campaign; `-Ddelivery.only=KIND,KIND` strikes with these faults only, and `-Ddelivery.minutes=N` strikes no more
/// after so many minutes.
@Tag("delivery")
class DeliveryIT {
    private static final int FAULTS = Integer.getInteger("delivery.faults", 50);
    private static final long SEED = Long.getLong("delivery.seed", 20261121L);
    private static final String ONLY = System.getProperty("delivery.only", "");
    private static final long MINUTES = Long.getLong("delivery.minutes", Long.MAX_VALUE);
    private static final int INITIAL_ROWS = 20_000;
    private static final int LARGEST_TRANSACTION = 100_000;
    private static final Path REPORT = Path.of("target", "delivery.md");

    private final StringBuilder report = new StringBuilder();
    private final long begun = System.nanoTime();

    @Test
    void everyOperationIsDeliveredOnceThroughFaultsOfEveryKind(
            @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        say("Delivery test: " + FAULTS + " faults, seed " + SEED + ", logs under " + directory);
        Random random = new Random(SEED);
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(
                        directory.resolve("postgres"),
                        Map.of(
                                "max_replication_slots", "60",
                                "max_wal_senders", "60",
                                "wal_sender_timeout", "15s",
                                "max_connections", "300"));
                ScratchDisk disk = ScratchDisk.at(directory.resolve("data"), "3g")) {
            if (!disk.mounted()) {
                say("No file system can be mounted here: DISK_FULL is left out");
            }
            SourceWorkload.prepare(postgres, AddedSources.SHOP, INITIAL_ROWS);
            SchemaWorkload.prepare(postgres, AddedSources.SHOP);
            postgres.execute(AddedSources.SHOP, "CREATE TABLE probe (id int PRIMARY KEY, at timestamptz)");
            Path inbox = Files.createDirectories(directory.resolve("inbox"));
            Path ingestProject = Files.createDirectories(directory.resolve("ingest-project"));
            AddedSources added = new AddedSources(postgres, ingestProject.resolve("levada.yaml"));
            Path lake = disk.folder().resolve("lake");
            Path project = project(directory.resolve("project"), lake, inbox, added);
            definition(ingestProject, lake, inbox, added, "");
            Path marks = Files.createDirectories(directory.resolve("marks"));
            try (PipelineParts parts = new PipelineParts(project, ingestProject, disk.folder(), marks)) {
                campaign(postgres, parts, disk, added, inbox, random);
            }
        } finally {
            Files.createDirectories(REPORT.toAbsolutePath().getParent());
            Files.writeString(REPORT, report);
        }
    }

    private void campaign(
            EmbeddedPostgresServer postgres,
            PipelineParts parts,
            ScratchDisk disk,
            AddedSources added,
            Path inbox,
            Random random)
            throws Exception {
        SourceWorkload small = new SourceWorkload(postgres, AddedSources.SHOP, SEED, Integer.MAX_VALUE).patient();
        BulkWorkload bulk = new BulkWorkload(postgres, AddedSources.SHOP, SEED);
        SchemaWorkload schema = new SchemaWorkload(postgres, AddedSources.SHOP, SEED);
        FolderWorkload dropped = new FolderWorkload(inbox, SEED);
        List<Thread> writers = List.of(
                Thread.ofPlatform().name("small").unstarted(small),
                Thread.ofPlatform().name("bulk").unstarted(bulk),
                Thread.ofPlatform().name("schema").unstarted(schema),
                Thread.ofPlatform().name("drops").unstarted(dropped));
        RecoveryTimes times = new RecoveryTimes();
        Faults faults = new Faults(postgres, parts, disk, added, random, this::say);
        try {
            parts.startAll();
            faults.awaitFlow();
            say("The pipeline runs");
            writers.forEach(Thread::start);
            List<Fault> plan = ONLY.isEmpty()
                    ? Faults.plan(FAULTS, random, disk.mounted())
                    : List.of(ONLY.split(",")).stream().map(Fault::valueOf).toList();
            for (int number = 0; number < plan.size() && !late(); number++) {
                bulk.write(number % 10 == 4 ? LARGEST_TRANSACTION : 500 + random.nextInt(12_000));
                small.allow(100 * (number + 1));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_500)));
                Fault fault = plan.get(number);
                say("[" + (number + 1) + "/" + plan.size() + "] " + fault + " ...");
                Faults.Outcome outcome = faults.strike(fault);
                times.add(outcome);
                say("  " + outcome.target() + ": recovered in " + seconds(outcome.recovery()) + " s; in flight: "
                        + outcome.inFlight()
                        + (outcome.died().isEmpty() ? "" : "; died by itself: " + outcome.died()));
            }
        } finally {
            small.stop();
            bulk.stop();
            schema.stop();
            dropped.stop();
            for (Thread writer : writers) {
                writer.join(Duration.ofMinutes(3));
            }
        }
        say(times.table());
        faults.awaitFlow();
        say("No more faults; " + small.done() + " small transactions, " + schema.changes()
                + " changes of columns. Comparing with the sources");
        prove(postgres, parts, added, dropped, faults, times, schema.changes());
    }

    private void prove(
            EmbeddedPostgresServer postgres,
            PipelineParts parts,
            AddedSources added,
            FolderWorkload dropped,
            Faults faults,
            RecoveryTimes times,
            long columnChanges)
            throws Exception {
        DeliveryProof proof = new DeliveryProof(postgres, parts.services(), parts.ports(), this::say);
        proof.everyProbeIsThereOnce(faults.probes());
        proof.everyOperationIsThereOnceInItsOrder(columnChanges);
        proof.everyFileIsThereOnce(dropped.rows());
        proof.addedSourcesAreWhole(added.names());
        proof.nothingIsInQuarantine();
        proof.mirrorsAreEqual();
        proof.filesOfRawTables();
        for (Faults.Outcome outcome : times.outcomes()) {
            times.inFlight(outcome, proof.changesInFlight(outcome));
        }
        say(times.table());
        assertThat(times.hitAtWork())
                .as("kinds of faults that hit work in flight")
                .containsAll(
                        times.outcomes().stream().map(Faults.Outcome::fault).toList());
        assertThat(times.outcomes().stream()
                        .filter(outcome -> outcome.fault() != Fault.DISK_FULL)
                        .flatMap(outcome -> outcome.died().stream()))
                .as("processes that ended by themselves though the disk was not full")
                .isEmpty();
        say("Everything was delivered once");
    }

    private boolean late() {
        return Duration.ofNanos(System.nanoTime() - begun).toMinutes() >= MINUTES;
    }

    private static Path project(Path project, Path lake, Path inbox, AddedSources added) throws Exception {
        Files.createDirectories(project);
        Files.writeString(
                project.resolve("notes.sql"), "SELECT note, count(*) AS items FROM stage.shop_item GROUP BY note");
        definition(project, lake, inbox, added, """
                tables:
                  curated.notes:
                    sql: notes.sql
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                    shop.line: {from: stage.shop_line, key: [a, b]}
                """);
        return project;
    }

    private static void definition(Path project, Path lake, Path inbox, AddedSources added, String rest)
            throws Exception {
        Files.writeString(
                project.resolve("levada.yaml"),
                "project: delivery\nflush: 1s\nlake:\n  location: " + lake + "\nsources:\n" + added.sources()
                        + "  drops:\n    type: files\n    path: " + inbox
                        + "\n    format: csv\n    table: rows\n" + rest);
    }

    private void say(String line) {
        Duration since = Duration.ofNanos(System.nanoTime() - begun);
        String text = String.format(
                "%s +%4ds %s%n", LocalTime.now().truncatedTo(ChronoUnit.SECONDS), since.toSeconds(), line);
        System.out.print(text);
        report.append(line).append('\n');
    }

    private static String seconds(Duration duration) {
        return String.format(java.util.Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }
}
