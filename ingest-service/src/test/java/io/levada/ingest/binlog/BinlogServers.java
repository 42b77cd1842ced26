package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.testing.BinlogDatabase;
import io.levada.testing.EmbeddedMariaServer;
import io.levada.testing.Eventually;
import io.levada.testing.InstalledMySqlServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/// A real MariaDB and a real Kafka, started once for all tests of the binary log in this JVM. Where the environment
/// names a `mysqld`, the same tests have a real MySQL instead.
///
/// Each test has sources of
/// its own, in databases of their own, and its captures are closed after it.
final class BinlogServers implements AutoCloseable {
    static final Duration SOON = Eventually.PATIENCE;

    private static final AtomicInteger SOURCES = new AtomicInteger();

    final BinlogDatabase database;
    final BinlogSource.Product product;
    final CaptureKafka kafka;
    final CopiedFiles loads;
    final Path lake;
    private final Path directory;

    private BinlogServers() throws IOException {
        directory = Files.createTempDirectory("binlog");
        lake = directory.resolve("lake");
        Optional<String> mysqld = InstalledMySqlServer.executable();
        product = mysqld.isPresent() ? BinlogSource.Product.MYSQL : BinlogSource.Product.MARIADB;
        database = mysqld.isPresent()
                ? InstalledMySqlServer.start(mysqld.get(), directory.resolve("mysql"))
                : EmbeddedMariaServer.start(directory.resolve("maria"));
        kafka = CaptureKafka.start(directory.resolve("kafka"));
        loads = new CopiedFiles(lake);
    }

    /// Gives the servers to a test class, as the parameter of its constructor.
    static final class Shared implements ParameterResolver, AfterEachCallback {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == BinlogServers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return servers(context);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            servers(context).kafka.closeCaptures();
        }

        private static BinlogServers servers(ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(BinlogServers.class))
                    .computeIfAbsent(BinlogServers.class, _ -> started(), BinlogServers.class);
        }

        private static BinlogServers started() {
            try {
                return new BinlogServers();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A source in a new database.
    ///
    /// @param tables captured
    BinlogSource source(List<String> tables, String... statements) throws SQLException {
        String name = "s" + SOURCES.incrementAndGet();
        database.createDatabase(name);
        database.execute(name, statements);
        return new BinlogSource(
                name,
                product,
                database.url(name),
                database.user(),
                new Secret(database.password()),
                tables.stream()
                        .map(table -> new SourceTable(name, table, table))
                        .toList());
    }

    /// A table in SQL whose column `n` goes from 1 to the power of ten.
    static String numbers(int digits) {
        String digit = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4"
                + " UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
        List<Integer> places = IntStream.range(0, digits).boxed().toList();
        return "(SELECT 1 + "
                + places.stream()
                        .map(place -> "p" + place + ".d * " + (long) Math.pow(10, place))
                        .collect(Collectors.joining(" + "))
                + " AS n FROM "
                + places.stream().map(place -> digit + " p" + place).collect(Collectors.joining(", "))
                + ") numbers";
    }

    SourceCapture capture(BinlogSource source) {
        return kafka.captureNow(new BinlogCapture(CaptureKafka.PROJECT, source, kafka.registry(), loads));
    }

    static void awaitLoads(SourceCapture capture) {
        Eventually.within(
                SOON,
                () -> capture.status().tables(),
                tables -> tables.stream().allMatch(table -> table.state().equals("LOADED")));
    }

    /// Runs statements in one session, in UTC, which takes every value that the server can keep.
    void inLooseSession(BinlogSource source, String... statements) throws SQLException {
        try (Connection connection = database.connect(source.name());
                Statement statement = connection.createStatement()) {
            for (String sql : Stream.concat(
                            Stream.of("SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'"),
                            Stream.of(statements))
                    .toList()) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws IOException {
        kafka.close();
        database.close();
        FileSystemUtils.deleteRecursively(directory);
    }
}
