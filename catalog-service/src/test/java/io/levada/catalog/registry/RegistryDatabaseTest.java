package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogDatabase;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryDatabaseTest {
    private static final String LARGE = "x".repeat(3_000);

    @TempDir
    private Path directory;

    /// As on a full disk: SQLite undoes the transaction by itself.
    @Test
    void goesOnAfterThereWasNoSpaceLeft() throws Exception {
        Map<String, String> small = new HashMap<>(CatalogDatabase.sqlite());
        small.put("max_page_count", "32");
        try (RegistryDatabase database = RegistryDatabase.open(directory, small)) {
            database.inTransaction(() -> database.addSchema("first"));

            assertThatThrownBy(() -> database.inTransaction(() -> {
                        for (int i : IntStream.range(0, 100).toArray()) {
                            database.addSchema(LARGE + i);
                        }
                        return 0;
                    }))
                    .hasMessageContaining("full");

            assertThat(database.inTransaction(() -> database.schema(1))).contains("first");
            assertThat(database.inTransaction(() -> database.addSchema("second")))
                    .isEqualTo(2);
            assertThat(database.inTransaction(() -> database.schemaId(LARGE + 0)))
                    .isEmpty();
        }
    }
}
