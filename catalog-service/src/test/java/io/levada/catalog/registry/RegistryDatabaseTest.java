package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryDatabaseTest {
    private static final String LARGE = "x".repeat(3_000);

    @TempDir
    private Path directory;

    private static AvroSchema schema(String doc) {
        return AvroSchema.parse("{\"type\":\"record\",\"name\":\"r\",\"doc\":\"" + doc + "\",\"fields\":[]}");
    }

    /// As on a full disk: SQLite undoes the transaction by itself.
    @Test
    void goesOnAfterThereWasNoSpaceLeft() throws Exception {
        Map<String, String> small = new HashMap<>(CatalogDatabase.sqlite());
        small.put("max_page_count", "32");
        try (RegistryDatabase database = RegistryDatabase.sqlite(directory, small)) {
            database.write(tables -> tables.addSchema(schema("first")));

            assertThatThrownBy(() -> database.write(tables -> {
                        for (int i : IntStream.range(0, 100).toArray()) {
                            tables.addSchema(schema(LARGE + i));
                        }
                        return 0;
                    }))
                    .hasMessageContaining("full");

            Optional<Integer> first = database.read(tables -> tables.schemaId(schema("first")));
            int second = database.write(tables -> tables.addSchema(schema("second")));
            Optional<Integer> undone = database.read(tables -> tables.schemaId(schema(LARGE + 0)));
            assertThat(first).contains(1);
            assertThat(second).isEqualTo(2);
            assertThat(undone).isEmpty();
        }
    }

    /// The layout of the first snapshots of 0.1.0.
    @Test
    void takesOverWhatAnEarlierVersionStored() throws Exception {
        AvroSchema known = schema("known");
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + CatalogDatabase.file(directory, "registry.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE schemas (id INTEGER PRIMARY KEY AUTOINCREMENT, canonical TEXT UNIQUE)");
            statement.execute("CREATE TABLE versions (subject TEXT, version INTEGER, schema_id INTEGER REFERENCES "
                    + "schemas (id), PRIMARY KEY (subject, version), UNIQUE (subject, schema_id))");
            statement.execute("CREATE TABLE levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL)");
            statement.execute("INSERT INTO schemas VALUES (7, '" + known.canonical() + "')");
            statement.execute("INSERT INTO versions VALUES ('s', 3, 7)");
            statement.execute("INSERT INTO levels VALUES ('s', 'BACKWARD')");
        }

        for (int start = 1; start <= 2; start++) {
            try (RegistryDatabase database = RegistryDatabase.sqlite(directory)) {
                SchemaRegistry registry = new SchemaRegistry(database);

                assertThat(registry.register("s", known, 0, 0))
                        .isEqualTo(new RegisteredSchema("s", 3, 7, known.canonical(), false));
                assertThat(new RegistryPolicies(database).level("s", false)).isEqualTo(CompatibilityLevel.BACKWARD);
                assertThat(registry.register("t" + start, schema("new" + start), 0, 0)
                                .id())
                        .isEqualTo(7 + start);
            }
        }
    }
}
