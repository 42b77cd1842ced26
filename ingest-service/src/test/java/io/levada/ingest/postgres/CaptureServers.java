package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.NoFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.Change;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/// A real PostgreSQL and a real Kafka, started once for all tests of capture in this JVM. Each test has sources of its
/// own, in databases of their own, and what it started is closed after it.
public final class CaptureServers implements AutoCloseable {
    static final Duration SOON = Eventually.PATIENCE;

    private static final AtomicInteger SOURCES = new AtomicInteger();

    final EmbeddedPostgresServer postgres;
    final CaptureKafka kafka;
    private final Path directory;

    private CaptureServers() throws IOException {
        directory = Files.createTempDirectory("capture");
        postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"));
        kafka = CaptureKafka.start(directory.resolve("kafka"));
    }

    /// Loads into a directory of their own.
    CopiedFiles files() {
        return new CopiedFiles(lake());
    }

    /// A directory that no other test uses.
    Path lake() {
        return directory.resolve("lake" + SOURCES.incrementAndGet());
    }

    /// Gives the servers to a test class, as the parameter of its constructor.
    public static final class Shared implements ParameterResolver, AfterEachCallback {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CaptureServers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return servers(context);
        }

        @Override
        public void afterEach(ExtensionContext context) throws SQLException {
            servers(context).leaveNothingRunning();
        }

        private static CaptureServers servers(ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(CaptureServers.class))
                    .computeIfAbsent(CaptureServers.class, _ -> started(), CaptureServers.class);
        }

        private static CaptureServers started() {
            try {
                return new CaptureServers();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A source in a new database.
    ///
    /// @param tables captured, in schema public
    PostgresSource source(List<String> tables, String... statements) throws SQLException {
        String name = "o" + SOURCES.incrementAndGet();
        postgres.createDatabase(name);
        postgres.execute(name, statements);
        return withTables(
                new PostgresSource(
                        name, postgres.url(name), postgres.user(), new Secret(postgres.password()), List.of()),
                tables);
    }

    /// The same source with other tables in its definition.
    static PostgresSource withTables(PostgresSource source, List<String> tables) {
        return new PostgresSource(
                source.name(),
                source.url(),
                source.user(),
                source.password(),
                tables.stream()
                        .map(table -> new SourceTable("public", table, table))
                        .toList(),
                source.logLimit(),
                source.load());
    }

    SourceCapture capture(PostgresSource source, LoadFiles files) {
        return kafka.capture(database(source, files));
    }

    SourceCapture capture(PostgresSource source, LoadFiles files, QuarantineCounts quarantined) {
        return kafka.capture(database(source, files), quarantined);
    }

    /// Starts to capture a source whose server is looked at more often than in production, so that a test need not wait
    /// for what is looked for every few seconds.
    SourceCapture captureClosely(PostgresSource source, LoadFiles files) {
        return kafka.capture(
                new PostgresCapture(CaptureKafka.PROJECT, source, kafka.registry(), files, Duration.ofMillis(200)));
    }

    /// Starts to capture a source without its loads, and returns once it does, or has found a reason not to.
    SourceCapture stream(PostgresSource source) {
        return kafka.captureNow(database(source, new NoFiles()));
    }

    private PostgresCapture database(PostgresSource source, LoadFiles files) {
        return new PostgresCapture(CaptureKafka.PROJECT, source, kafka.registry(), files);
    }

    static void awaitState(SourceCapture capture, String wanted) {
        Eventually.within(SOON, () -> capture.status().state(), wanted::equals);
    }

    /// The server notices a moment later that nobody reads from a slot any more.
    void closeCapturesAndFreeSlots() throws SQLException {
        closeCaptures();
        Eventually.within(
                SOON,
                () -> {
                    try (Connection connection = postgres.connect("postgres")) {
                        return PostgresServer.text(
                                connection, "SELECT count(*) FROM pg_replication_slots WHERE active");
                    }
                },
                active -> active.orElseThrow().equals("0"));
    }

    List<Change> awaitChanges(PostgresSource source, String table, int count) throws IOException {
        return kafka.awaitChanges(source, table, count);
    }

    List<Change> changes(PostgresSource source, String table) throws IOException {
        return kafka.changes(source, table);
    }

    static List<Object> ids(List<Change> changes) {
        return changes.stream().map(change -> row(change).getField("id")).toList();
    }

    private static Record row(Change change) {
        return java.util.Objects.requireNonNull(change.after());
    }

    void closeCaptures() {
        kafka.closeCaptures();
    }

    private void leaveNothingRunning() throws SQLException {
        closeCapturesAndFreeSlots();
        postgres.execute(
                "postgres", "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
    }

    @Override
    public void close() throws IOException {
        kafka.close();
        postgres.close();
        FileSystemUtils.deleteRecursively(directory);
    }
}
