package io.levada.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.types.Types;

/// A DuckDB instance of its own, in memory, in which some tables of the lake are views over exactly the files of one
/// snapshot each. Files are read by field id; folder names are never read as columns.
///
/// The instance reads no other files than the folders that its settings name and those of its tables whose files lie
/// elsewhere, loads no extensions, and its configuration is locked. Closing it ends everything that runs in it.
public final class LakeSession implements AutoCloseable {
    private final Connection connection;
    private final List<Path> scratch;

    private LakeSession(Connection connection, List<Path> scratch) {
        this.connection = connection;
        this.scratch = scratch;
    }

    /// Opens an instance with views for the tables.
    public static LakeSession open(DuckDbSettings settings, Collection<ParquetTable> tables) throws SQLException {
        Folders.create(settings.temporaryDirectory());
        // Instances that spill into one folder would use the same file names.
        String own = UUID.randomUUID().toString();
        Path temporary = settings.temporaryDirectory().resolve(own);
        Path links = settings.temporaryDirectory().resolve(own + "-links");
        List<Path> scratch = List.of(temporary, links);
        try {
            return new LakeSession(open(settings, temporary, linked(tables, links)), scratch);
        } catch (SQLException | RuntimeException e) {
            delete(scratch);
            throw e;
        }
    }

    private static List<ParquetTable> linked(Collection<ParquetTable> tables, Path links) {
        List<ParquetTable> linked = new ArrayList<>();
        try {
            for (ParquetTable table : tables) {
                linked.add(table.linked(links.resolve(Integer.toString(linked.size()))));
            }
            return linked;
        } catch (IOException e) {
            throw new UncheckedIOException("The copies of files can not be linked to below " + links, e);
        }
    }

    private static Connection open(DuckDbSettings settings, Path temporary, List<ParquetTable> tables)
            throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties(settings, temporary, tables));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET enable_external_access = false");
            for (ParquetTable table : tables) {
                statement.execute("CREATE SCHEMA IF NOT EXISTS " + quoted(namespace(table.name())));
                statement.execute("CREATE VIEW " + quotedTable(table.name()) + " AS SELECT * FROM " + relation(table));
            }
            statement.execute("SET lock_configuration = true");
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static Properties properties(DuckDbSettings settings, Path temporary, Collection<ParquetTable> tables) {
        Properties properties = new Properties();
        properties.setProperty("memory_limit", settings.memoryMegabytes() + "MB");
        properties.setProperty("threads", Integer.toString(settings.threads()));
        properties.setProperty("temp_directory", temporary.toString());
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty(
                "allowed_directories",
                Stream.concat(settings.readable().stream(), inPlace(tables))
                        .map(path -> literal(path.toAbsolutePath().toString()))
                        .collect(Collectors.joining(",", "[", "]")));
        return properties;
    }

    /// Files that lie elsewhere are read by sessions of their tables only.
    private static Stream<Path> inPlace(Collection<ParquetTable> tables) {
        return tables.stream()
                .map(ParquetTable::inPlace)
                .filter(Objects::nonNull)
                .flatMap(files -> files.folder().stream());
    }

    /// What a FROM clause reads the rows of the table with. Fields inside a struct are matched by
    /// name, all else by field id.
    public static String relation(ParquetTable table) {
        InPlaceFiles inPlace = table.inPlace();
        if (inPlace == null) {
            return own(table);
        }
        String others = inPlace.relation(table.schema());
        return table.files().isEmpty()
                ? others
                : "(SELECT * FROM " + own(table) + " UNION ALL BY NAME SELECT * FROM " + others + ")";
    }

    private static String own(ParquetTable table) {
        if (table.files().isEmpty()) {
            return table.schema().columns().stream()
                    .map(field -> "NULL::" + DuckDbTypes.of(field.type()) + " AS " + quoted(field.name()))
                    .collect(Collectors.joining(", ", "(SELECT ", " WHERE false)"));
        }
        String files = "read_parquet("
                + table.files().stream().map(LakeSession::literal).collect(Collectors.joining(",", "[", "]"))
                + ", hive_partitioning = false, schema = "
                + table.schema().columns().stream()
                        .map(LakeSession::fieldEntry)
                        .collect(Collectors.joining(", ", "MAP {", "}"))
                + ")";
        List<String> structs = table.schema().columns().stream()
                .filter(field -> field.type().isStructType())
                .map(field -> quoted(field.name()))
                .toList();
        // DuckDB 2.0.0 fails, and takes the whole instance down, when it reads one field of a struct
        // that an older file does not have; behind an expression it reads the struct whole.
        return structs.isEmpty()
                ? files
                : structs.stream()
                        .map(name -> "coalesce(" + name + ", NULL) AS " + name)
                        .collect(Collectors.joining(", ", "(SELECT * REPLACE (", ") FROM " + files + ")"));
    }

    private static String fieldEntry(Types.NestedField field) {
        return field.fieldId() + ": {name: " + literal(field.name()) + ", type: "
                + literal(DuckDbTypes.of(field.type())) + ", default_value: NULL}";
    }

    /// The instance's connection; `duplicate()` gives more to the same instance.
    public Connection connection() {
        return connection;
    }

    /// An identifier in double quotes.
    public static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /// A string literal.
    public static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }

    /// `namespace.name`, both quoted.
    public static String quotedTable(String table) {
        return quoted(namespace(table)) + "." + quoted(table.substring(table.indexOf('.') + 1));
    }

    private static String namespace(String table) {
        return table.substring(0, table.indexOf('.'));
    }

    @Override
    public void close() throws SQLException {
        try {
            connection.close();
        } finally {
            delete(scratch);
        }
    }

    private static void delete(List<Path> scratch) {
        scratch.stream().filter(Files::exists).forEach(Folders::delete);
    }
}
