package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IcebergControllerTest {
    @TempDir
    private Path directory;

    /// Services that start together all want the namespace `raw`.
    @Test
    void tellsThatANamespaceExistsWhereAnotherWasFasterByAMoment() throws Exception {
        try (JdbcCatalog catalog = new OvertakenCatalog()) {
            catalog.initialize(
                    "levada",
                    Map.of(
                            CatalogProperties.URI,
                            "jdbc:sqlite:" + directory.resolve("catalog.db"),
                            CatalogProperties.WAREHOUSE_LOCATION,
                            directory.toString()));
            IcebergController controller = new IcebergController(
                    catalog,
                    table -> {},
                    new io.levada.catalog.CatalogProperties(
                            directory, directory.toString(), "127.0.0.1:1", null, null, false));
            byte[] body = "{\"namespace\":[\"raw\"]}".getBytes(StandardCharsets.UTF_8);

            assertThatThrownBy(() -> controller.createNamespace(body)).isInstanceOf(AlreadyExistsException.class);
            assertThat(catalog.listNamespaces()).containsExactly(Namespace.of("raw"));
        }
    }

    /// Somebody else creates the namespace after the first look at it.
    private static final class OvertakenCatalog extends JdbcCatalog {
        private boolean overtaken;

        @Override
        public boolean namespaceExists(Namespace namespace) {
            boolean exists = super.namespaceExists(namespace);
            if (!overtaken) {
                overtaken = true;
                createNamespace(namespace);
            }
            return exists;
        }
    }
}
