package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.BinlogSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import io.levada.events.WrittenFile;
import io.levada.ingest.capture.LandedChanges;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.Change;
import io.levada.testing.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/// Sakila, Northwind and Chinook as people wrote them: every table through the log, then through a load, each compared
/// with the server by the number of rows and a checksum over the text of all columns.
@ExtendWith(BinlogServers.Shared.class)
class RealTablesIT {
    private final BinlogServers servers;

    RealTablesIT(BinlogServers servers) {
        this.servers = servers;
    }

    @Test
    void logAndLoadCarryEveryTable() throws Exception {
        // Given
        Path sakila = TestData.directory("sakila-mysql");
        Path northwind = TestData.directory("mywind-mysql");
        Path chinook = TestData.directory("chinook");
        run(sakila.resolve("sakila-schema.sql"));
        run(northwind.resolve("northwind.sql"));
        BinlogSource streamed = source("streamed", "sakila", "northwind");
        SourceCapture capture = servers.capture(streamed);
        BinlogServers.awaitLoads(capture);

        // When
        run(sakila.resolve("sakila-data.sql.gz"));
        run(northwind.resolve("northwind-data.sql"));

        // Then
        int rows = 0;
        for (SourceTable table : streamed.tables()) {
            rows += assertStreamed(streamed, table);
        }
        assertThat(rows).as("rows of both").isGreaterThan(40_000);

        // When
        run(chinook.resolve("Chinook_MySql.sql.gz"));
        BinlogSource loaded = source("loaded", "sakila", "northwind", "Chinook");
        BinlogServers.awaitLoads(servers.capture(loaded));

        // Then
        Map<String, List<String>> files = loadedFiles();
        for (SourceTable table : loaded.tables()) {
            List<String> paths = files.getOrDefault(table.rawTable(loaded.name()), List.of());
            assertThat(lake(paths, table))
                    .as(table.qualifiedName() + " after its load")
                    .isEqualTo(server(table));
        }
    }

    /// @return how many rows it has
    private int assertStreamed(BinlogSource source, SourceTable table) throws Exception {
        String expected = server(table);
        int rows = Integer.parseInt(expected.substring(0, expected.indexOf(' ')));
        List<String> files = new ArrayList<>();
        if (rows > 0) {
            List<Change> changes = servers.kafka.awaitChanges(source, table.lakeName(), rows);
            assertThat(changes).extracting(Change::refused).containsOnlyNulls();
            files.add(LandedChanges.write(changes, servers.lake, table.lakeName()));
        }
        assertThat(lake(files, table)).as(table.qualifiedName() + " in the log").isEqualTo(expected);
        return rows;
    }

    private void run(Path dump) throws IOException {
        try (InputStream file = Files.newInputStream(dump)) {
            servers.database.source(dump.toString().endsWith(".gz") ? new GZIPInputStream(file) : file);
        }
    }

    private BinlogSource source(String name, String... databases) throws SQLException {
        List<SourceTable> tables = new ArrayList<>();
        try (Connection connection = servers.database.connect("sakila");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                                + " AND table_schema IN ('" + String.join("', '", databases) + "')")) {
            while (rows.next()) {
                tables.add(new SourceTable(
                        rows.getString(1), rows.getString(2), rows.getString(1) + "_" + rows.getString(2)));
            }
        }
        return new BinlogSource(
                name,
                servers.product,
                servers.database.url("sakila"),
                servers.database.user(),
                new Secret(servers.database.password()),
                tables);
    }

    private Map<String, List<String>> loadedFiles() {
        return servers.kafka.read(Topics.FILES_WRITTEN).stream()
                .map(message -> JsonMapper.shared().readValue(message, FilesWritten.class))
                .filter(event -> event.chunk() != null)
                .collect(Collectors.groupingBy(
                        FilesWritten::table,
                        Collectors.flatMapping(
                                event -> event.files().stream().map(WrittenFile::path), Collectors.toList())));
    }

    /// Rows and checksum, as the server has them.
    private String server(SourceTable table) throws SQLException {
        List<String> texts = columns(table).entrySet().stream()
                .map(column -> "coalesce(" + serverText(column.getKey(), column.getValue()) + ", '~')")
                .toList();
        return first(
                servers.database.connect(table.schema()),
                "SELECT concat(count(*), ' ', coalesce(sum(conv(substr(sha2(concat_ws('|', " + String.join(", ", texts)
                        + "), 256), 1, 8), 16, 10)), 0)) FROM `" + table.table() + "`",
                "SET time_zone = '+00:00'");
    }

    private String lake(List<String> files, SourceTable table) throws SQLException {
        if (files.isEmpty()) {
            return "0 0";
        }
        List<String> texts = columns(table).entrySet().stream()
                .map(column -> "coalesce(" + lakeText(column.getKey(), column.getValue()) + ", '~')")
                .toList();
        return first(
                DriverManager.getConnection("jdbc:duckdb:"),
                "SELECT count(*) || ' ' || CAST(sum(CAST('0x' || substr(sha256(concat_ws('|', "
                        + String.join(", ", texts)
                        + ")), 1, 8) AS BIGINT)) AS BIGINT) FROM read_parquet(["
                        + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", "))
                        + "], hive_partitioning = false)",
                "SET TimeZone = 'UTC'");
    }

    private static String first(Connection connection, String query, String setting) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute(setting);
            try (ResultSet rows = statement.executeQuery(query)) {
                rows.next();
                return rows.getString(1).replaceFirst("\\.0*$", "");
            }
        }
    }

    /// Types by column.
    private Map<String, String> columns(SourceTable table) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        try (Connection connection = servers.database.connect(table.schema());
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT column_name, data_type FROM information_schema.columns WHERE"
                                + " table_schema = '" + table.schema() + "' AND table_name = '" + table.table()
                                + "' ORDER BY ordinal_position")) {
            while (rows.next()) {
                columns.put(rows.getString(1), rows.getString(2));
            }
        }
        return columns;
    }

    private static String serverText(String column, String type) {
        String name = "`" + column + "`";
        return switch (type) {
            case "blob", "mediumblob", "longblob", "geometry" -> "lower(hex(" + name + "))";
            case "double" -> "CAST(CAST(" + name + " AS DECIMAL(30, 6)) AS CHAR)";
            default -> "CAST(" + name + " AS CHAR CHARACTER SET utf8mb4)";
        };
    }

    private static String lakeText(String column, String type) {
        String name = '"' + column + '"';
        return switch (type) {
            case "blob", "mediumblob", "longblob", "geometry" -> "lower(hex(" + name + "))";
            case "double" -> "CAST(CAST(" + name + " AS DECIMAL(30, 6)) AS VARCHAR)";
            case "timestamp" -> "strftime(CAST(" + name + " AS TIMESTAMP), '%Y-%m-%d %H:%M:%S')";
            default -> "CAST(" + name + " AS VARCHAR)";
        };
    }
}
