package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.glue.GlueLakeCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.lake.LocalFileIO;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// catalog-service's own tests have every class that it compiles against; here are those that it ships with.
final class GlueCatalogClassesTest {
    @TempDir
    private Path directory;

    @Test
    void opensACatalogInGlueWithTheClassesThatAreShipped() throws Exception {
        CatalogDefinition.Glue definition = new CatalogDefinition.Glue("eu-west-1", null, null, "shop_");

        try (GlueLakeCatalog catalog = GlueLakeCatalog.open(definition, directory.toString(), new LocalFileIO())) {
            assertThat(catalog.name()).isEqualTo("levada");
        }
    }

    @Test
    void shipsNoClientOfALockTable() {
        assertThatThrownBy(() -> Class.forName("software.amazon.awssdk.services.dynamodb.DynamoDbClient"))
                .isInstanceOf(ClassNotFoundException.class);
    }
}
