package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.levada.definition.AccessTokens;
import io.levada.definition.Secret;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.TableSpec;
import io.levada.lake.WrittenFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trino reads and writes our tables over `/iceberg`. Runs where `levada.trino.archive` names the archive of Trino, as
/// `mvn -Ptrino` has it.
class TrinoIT {
    private static final String OWN = "own-0123456789-0123456789";
    private static final String TRINO = "trino-0123456789-0123456789";
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()));

    @TempDir
    private Path directory;

    @Test
    void readsAndWritesTheLakesTables() throws Exception {
        String archive = System.getProperty("levada.trino.archive");
        assumeThat(archive)
                .as("levada.trino.archive names no archive of Trino: run with -Ptrino")
                .isNotNull();
        AccessTokens tokens = new AccessTokens(Map.of("levada", new Secret(OWN), "trino", new Secret(TRINO)));
        try (RestCatalogAlone service = RestCatalogAlone.start(directory, tokens);
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"), OWN);
                TrinoServer trino = TrinoServer.start(
                        TrinoServer.unpack(Path.of(archive), directory.resolve("unpacked")),
                        directory.resolve("trino"),
                        List.of(
                                "iceberg.rest-catalog.uri=" + service.uri("/iceberg"),
                                "iceberg.rest-catalog.security=OAUTH2",
                                "iceberg.rest-catalog.oauth2.token=" + TRINO,
                                "iceberg.rest-catalog.view-endpoints-enabled=true",
                                "fs.hadoop.enabled=true"))) {
            Table orders = orders(lake);

            assertThat(trino.run("SELECT id, name FROM lake.raw.orders ORDER BY id"))
                    .containsExactly("[1,\"a\"]", "[2,\"b\"]");
            trino.run("INSERT INTO lake.raw.orders VALUES (3, 'c')");
            assertThat(rows(lake, "raw.orders")).containsExactlyInAnyOrder("1 a", "2 b", "3 c");
            assertThat(service.announced()).contains("raw.orders");
            assertThat(orders.location())
                    .isEqualTo(lake.load("raw.orders").orElseThrow().location());

            lake.iceberg().createNamespace(Namespace.of("analytics"));
            trino.run("CREATE TABLE lake.analytics.named WITH (location = '" + directory.resolve("lake/analytics/named")
                    + "') AS SELECT id, upper(name) AS name FROM lake.raw.orders");
            trino.run("DELETE FROM lake.analytics.named WHERE id = 1");
            trino.run("UPDATE lake.analytics.named SET name = 'Z' WHERE id = 2");
            assertThat(rows(lake, "analytics.named")).containsExactlyInAnyOrder("2 Z", "3 C");

            trino.run("CREATE VIEW lake.analytics.seen AS SELECT count(*) AS n FROM lake.raw.orders");
            assertThat(trino.run("SELECT n FROM lake.analytics.seen")).containsExactly("[3]");
            trino.run("DROP TABLE lake.analytics.named");
            assertThat(trino.run("SHOW TABLES FROM lake.analytics")).containsExactly("[\"seen\"]");
            assertThatThrownBy(() -> trino.run("SELECT * FROM lake.analytics.named"))
                    .hasMessageContaining("does not exist");
        }
    }

    private Table orders(LakeCatalog lake) {
        Table table = lake.createOrEvolve(new TableSpec(
                "raw.orders",
                SCHEMA,
                List.of(),
                directory.resolve("lake/raw/orders").toString(),
                Map.of("levada.source", "s")));
        String file = table.location() + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, file, "")) {
            for (long id = 1; id <= 2; id++) {
                GenericRecord row = writer.newRow();
                row.setField("id", id);
                row.setField("name", id == 1 ? "a" : "b");
                writer.write(row);
            }
            table.newAppend()
                    .appendFile(WrittenFiles.toDataFile(writer.finish(), table.spec()))
                    .commit();
        }
        return table;
    }

    private static List<String> rows(LakeCatalog lake, String table) throws Exception {
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(lake.load(table).orElseThrow()).build()) {
            List<String> texts = new ArrayList<>();
            rows.forEach(row -> texts.add(row.getField("id") + " " + row.getField("name")));
            return texts;
        }
    }
}
