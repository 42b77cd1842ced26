package io.levada.catalog.commit;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.glue.GlueLakeCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.lake.LocalFileIO;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.catalog.Namespace;
import org.junit.jupiter.api.AfterEach;

/// The contract against any server that speaks Glue's protocol, at the URL in `LEVADA_AWS_ENDPOINT`: an emulator, or
/// AWS itself (`https://glue.eu-west-1.amazonaws.com`). Region and credentials are those of AWS's default chain. Each
/// test works in databases with a prefix of its own and drops them; files stay on this machine.
final class GivenAwsEndpointIT extends CatalogContract {
    private static final String VARIABLE = "LEVADA_AWS_ENDPOINT";

    private Optional<CatalogBackend> opened = Optional.empty();

    @Override
    CatalogBackend open(Path directory, String lakeLocation) {
        String endpoint = System.getenv(VARIABLE);
        assumeThat(endpoint)
                .as("Skipped: " + VARIABLE + " names no server that speaks AWS Glue's protocol")
                .isNotBlank();
        String prefix = "levada_test_" + UUID.randomUUID().toString().replace('-', '_') + "_";
        CatalogBackend backend = CatalogBackend.of(GlueLakeCatalog.open(
                new CatalogDefinition.Glue(null, URI.create(endpoint), null, prefix), lakeLocation, new LocalFileIO()));
        opened = Optional.of(backend);
        return backend;
    }

    @Override
    @AfterEach
    void closeLake() {
        opened.ifPresent(backend -> {
            for (Namespace namespace : backend.namespaces().listNamespaces()) {
                backend.tables()
                        .listTables(namespace)
                        .forEach(table -> backend.tables().dropTable(table, false));
                backend.namespaces().dropNamespace(namespace);
            }
            super.closeLake();
        });
    }
}
