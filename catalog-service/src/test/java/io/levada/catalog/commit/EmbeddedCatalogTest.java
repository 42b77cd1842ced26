package io.levada.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogDatabase;
import java.nio.file.Path;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;

final class EmbeddedCatalogTest extends CatalogContract {
    @Override
    CatalogBackend open(Path directory, String lakeLocation) {
        return CatalogBackend.of(CatalogDatabase.open(directory, lakeLocation));
    }

    @Test
    void renamesATableInOneStep() {
        lake().create("raw.s_t");

        lake().catalog().renameTable(TableIdentifier.of("raw", "s_t"), TableIdentifier.of("raw", "other"));

        assertThat(lake().catalog().listTables(Namespace.of("raw")))
                .containsExactly(TableIdentifier.of("raw", "other"));
    }
}
