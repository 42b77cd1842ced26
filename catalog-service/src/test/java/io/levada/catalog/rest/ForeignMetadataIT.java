package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.AccessTokens;
import io.levada.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Metadata that others wrote, registered and loaded: tables of DuckDB's, PyIceberg's and Spark's making, and the valid
/// and invalid documents of Iceberg's own tests.
class ForeignMetadataIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Namespace LAKE = Namespace.of("lake");

    /// A snapshot's id of more than 64 bits; format 3 without `next-row-id`.
    private static final List<String> BROKEN = List.of(
            "equality_delete_cross_partition/warehouse/ns/t/metadata/vfinal.metadata.json",
            "timestamptz_ns/metadata/v1.metadata.json");

    @TempDir
    private Path directory;

    private RestCatalogAlone service;
    private RESTCatalog client;

    @BeforeEach
    void start() {
        service = RestCatalogAlone.start(directory, AccessTokens.NONE);
        client = service.client(Map.of());
        client.createNamespace(LAKE);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        service.close();
    }

    private Table register(String name, Path metadata) {
        TableIdentifier id = TableIdentifier.of(LAKE, name);
        client.registerTable(id, metadata.toString());
        return client.loadTable(id);
    }

    @Test
    void registersTheTablesOfOtherEngines() throws Exception {
        Path tables = TestData.directory("iceberg-tables");
        int registered = 0;
        for (Path metadata : metadataFiles(tables).stream()
                .filter(file -> BROKEN.stream().noneMatch(file::endsWith))
                .toList()) {
            String text = Files.readString(metadata);
            JsonNode document = JSON.readTree(text);
            String location = document.get("location").asString();
            Path copy = Files.writeString(
                    directory.resolve("00000-" + registered + ".metadata.json"),
                    text.replace("\"" + location + "\"", "\"" + directory.resolve("copy" + registered) + "\""));

            Table table = register("t" + registered, copy);

            TableMetadata loaded = ((BaseTable) table).operations().current();
            assertThat(loaded.uuid()).isEqualTo(document.get("table-uuid").asString());
            assertThat(loaded.formatVersion())
                    .isEqualTo(document.get("format-version").asInt());
            assertThat(loaded.lastColumnId())
                    .isEqualTo(document.get("last-column-id").asInt());
            assertThat(table.snapshots()).hasSize(document.path("snapshots").size());
            registered++;
        }
        assertThat(registered).isGreaterThan(20);
    }

    private static List<Path> metadataFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".metadata.json"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void refusesTablesThatBreakTheSpecification() {
        Path tables = TestData.directory("iceberg-tables");
        for (String broken : BROKEN) {
            assertThatThrownBy(() -> register("broken", tables.resolve(broken)))
                    .as(broken)
                    .isInstanceOf(BadRequestException.class)
                    .hasMessageContaining("no table metadata");
        }
    }

    /// Its next commit would be written somewhere below the service's working directory.
    @Test
    void refusesATableWhoseLocationIsNotAbsolute() throws Exception {
        Path tables = TestData.directory("iceberg-tables");

        assertThatThrownBy(() -> register("relative", tables.resolve("partition_bigint/metadata/v2.metadata.json")))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("data/persistent/partition_bigint")
                .hasMessageContaining("absolute");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TableMetadataV1Valid",
                "TableMetadataV2Valid",
                "TableMetadataV2ValidMinimal",
                "TableMetadataV3ValidMinimal",
                "TableMetadataStatisticsFiles",
                "TableMetadataPartitionStatisticsFiles"
            })
    void takesValidMetadata(String name) {
        Path document = TestData.directory("iceberg-metadata-json").resolve(name + ".json");

        Table table = register("valid", named(document));

        assertThat(table.schema().columns()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TableMetadataUnsupportedVersion",
                "TableMetadataV1MissingSchemaType",
                "TableMetadataV2CurrentSchemaNotFound",
                "TableMetadataV2MissingLastPartitionId",
                "TableMetadataV2MissingPartitionSpecs",
                "TableMetadataV2MissingSchemas",
                "TableMetadataV2MissingSortOrder"
            })
    void refusesInvalidMetadata(String name) {
        Path document = TestData.directory("iceberg-metadata-json").resolve(name + ".json");

        assertThatThrownBy(() -> register("invalid", named(document)))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("no table metadata");
        assertThat(client.tableExists(TableIdentifier.of(LAKE, "invalid"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ViewMetadataInvalidCurrentSchema",
                "ViewMetadataMissingLocation",
                "ViewMetadataMissingCurrentVersion",
                "ViewMetadataInvalidCurrentVersion"
            })
    void refusesInvalidMetadataOfViews(String name) {
        Path document =
                TestData.directory("iceberg-metadata-json").resolve("org/apache/iceberg/view/" + name + ".json");

        assertThatThrownBy(() -> client.registerView(
                        TableIdentifier.of(LAKE, "invalid"), named(document).toString()))
                .isInstanceOf(BadRequestException.class);
    }

    /// A copy that is called as metadata files are.
    private Path named(Path document) {
        try {
            return Files.copy(document, directory.resolve("00000-a.metadata.json"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
