package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.levada.definition.AccessTokens;
import io.levada.definition.JwtIssuer;
import io.levada.definition.Secret;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import io.levada.lake.WrittenFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Spark logs in at an identity provider, reads our tables over `/iceberg` and keeps tables of its own there. Runs
/// where `levada.spark.jars` names Spark's libraries, as `src/test/spark/pom.xml` fetches them, and
/// `levada.spark.java` a Java that it runs on (by default the one on the PATH).
class SparkIT {
    private static final String OWN = "own-0123456789-0123456789";

    @TempDir
    private Path directory;

    @Test
    void readsAndWritesTheLakesTables() throws Exception {
        String jars = System.getProperty("levada.spark.jars");
        assumeThat(jars)
                .as("levada.spark.jars names no libraries of Spark: docs/how-to/engines.md tells how to fetch them")
                .isNotNull();
        try (EmbeddedIssuer issuer = EmbeddedIssuer.start();
                RestCatalogAlone service = RestCatalogAlone.start(
                        directory,
                        new AccessTokens(
                                Map.of("levada", new Secret(OWN)),
                                new JwtIssuer(issuer.uri(), EmbeddedIssuer.AUDIENCE)));
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"), OWN);
                SparkProcess spark = SparkProcess.start(
                        System.getProperty("levada.spark.java", "java"),
                        Path.of(jars),
                        directory.resolve("spark"),
                        settings(service, issuer))) {
            Table orders = orders(lake, "raw.orders", 1, 2, 3);

            readsRawTables(spark, lake, orders);
            keepsTablesOfItsOwn(spark, service);
            keepsViews(spark);
            mayNotTouchWhatIsLevadas(spark);
            assertThat(issuer.keysAsked()).isLessThanOrEqualTo(3);
        }
    }

    private static Map<String, String> settings(RestCatalogAlone service, EmbeddedIssuer issuer) {
        String catalog = "spark.sql.catalog.lake";
        Map<String, String> settings = new HashMap<>();
        settings.put("spark.master", "local[1]");
        settings.put("spark.app.name", "levada");
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.driver.host", "127.0.0.1");
        settings.put("spark.driver.bindAddress", "127.0.0.1");
        settings.put("spark.sql.shuffle.partitions", "1");
        settings.put("spark.sql.session.timeZone", "UTC");
        settings.put("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions");
        settings.put(catalog, "org.apache.iceberg.spark.SparkCatalog");
        settings.put(catalog + ".type", "rest");
        settings.put(catalog + ".uri", service.uri("/iceberg").toString());
        settings.put(catalog + ".rest.auth.type", "oauth2");
        settings.put(catalog + ".credential", EmbeddedIssuer.CLIENT + ":" + EmbeddedIssuer.CLIENT_SECRET);
        settings.put(catalog + ".oauth2-server-uri", issuer.tokenUri().toString());
        settings.put(catalog + ".scope", "lake");
        return settings;
    }

    private void readsRawTables(SparkProcess spark, LakeCatalog lake, Table orders) {
        assertThat(spark.run("SHOW TABLES IN lake.raw")).containsExactly("raw|orders|false");
        assertThat(spark.run("SELECT id, name, _op, ingestion_date FROM lake.raw.orders ORDER BY id"))
                .containsExactly("1|n1|c|2026-01-01", "2|n2|c|2026-01-01", "3|n3|c|2026-01-01");
        long before = orders.currentSnapshot().snapshotId();
        orders(lake, "raw.orders", 4);
        spark.run("REFRESH TABLE lake.raw.orders");
        assertThat(spark.run("SELECT count(*) FROM lake.raw.orders WHERE ingestion_date = DATE '2026-01-01'"))
                .containsExactly("4");
        assertThat(spark.run("SELECT count(*) FROM lake.raw.orders VERSION AS OF " + before))
                .containsExactly("3");
        assertThat(spark.run("SELECT count(*) FROM lake.raw.orders.snapshots")).containsExactly("2");
        assertThat(spark.run("SELECT sum(record_count) FROM lake.raw.orders.files"))
                .containsExactly("4");
    }

    private void keepsTablesOfItsOwn(SparkProcess spark, RestCatalogAlone service) {
        spark.runAll(
                "CREATE NAMESPACE lake.analytics",
                "CREATE TABLE lake.analytics.named USING iceberg PARTITIONED BY (bucket(4, id)) LOCATION '"
                        + directory.resolve("lake/analytics/named")
                        + "' AS SELECT id, upper(name) AS name FROM lake.raw.orders",
                "INSERT INTO lake.analytics.named VALUES (9, 'nine')",
                "DELETE FROM lake.analytics.named WHERE id = 1",
                "UPDATE lake.analytics.named SET name = 'Z' WHERE id = 2",
                "MERGE INTO lake.analytics.named t USING (SELECT 3L AS id, 'three' AS name UNION ALL SELECT 10L, 'ten') s"
                        + " ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT *",
                "ALTER TABLE lake.analytics.named ADD COLUMN note string AFTER id",
                "ALTER TABLE lake.analytics.named RENAME COLUMN name TO label");
        assertThat(spark.run("SELECT id, note, label FROM lake.analytics.named ORDER BY id"))
                .containsExactly("2|null|Z", "3|null|three", "4|null|N4", "9|null|nine", "10|null|ten");
        assertThat(spark.run("CALL lake.system.rewrite_data_files(table => 'analytics.named', options =>"
                        + " map('rewrite-all', 'true'))"))
                .hasSize(1);
        assertThat(spark.run("CALL lake.system.expire_snapshots(table => 'analytics.named', older_than => TIMESTAMP"
                        + " '2100-01-01 00:00:00', retain_last => 1)"))
                .hasSize(1);
        assertThat(spark.run("SELECT count(*) FROM lake.analytics.named.snapshots"))
                .containsExactly("1");
        spark.runAll(
                "ALTER TABLE lake.analytics.named RENAME TO analytics.renamed",
                "CREATE OR REPLACE TABLE lake.analytics.again USING iceberg AS SELECT count(*) AS n FROM lake.analytics.renamed");
        assertThat(spark.run("SELECT n FROM lake.analytics.again")).containsExactly("5");
        assertThat(service.announced()).contains("analytics.named", "analytics.again");
        spark.run("DROP TABLE lake.analytics.renamed");
        assertThat(spark.run("SHOW TABLES IN lake.analytics")).containsExactly("analytics|again|false");
        assertThatThrownBy(() -> spark.run("SELECT * FROM lake.analytics.renamed"))
                .hasMessageContaining("TABLE_OR_VIEW_NOT_FOUND");
    }

    private static void keepsViews(SparkProcess spark) {
        spark.run("CREATE VIEW lake.analytics.seen AS SELECT count(*) AS n FROM lake.raw.orders");
        assertThat(spark.run("SELECT n FROM lake.analytics.seen")).containsExactly("4");
        spark.run("CREATE OR REPLACE VIEW lake.analytics.seen AS SELECT max(id) AS n FROM lake.raw.orders");
        assertThat(spark.run("SELECT n FROM lake.analytics.seen")).containsExactly("4");
        spark.run("DROP VIEW lake.analytics.seen");
        assertThat(spark.run("SHOW VIEWS IN lake.analytics")).isEmpty();
    }

    private static void mayNotTouchWhatIsLevadas(SparkProcess spark) {
        assertThatThrownBy(() -> spark.run("ALTER TABLE lake.raw.orders SET TBLPROPERTIES ('levada.source' = 'x')"))
                .hasMessageContaining("Levada's own services");
        assertThatThrownBy(() -> spark.run("ALTER TABLE lake.raw.orders UNSET TBLPROPERTIES ('levada.source')"))
                .hasMessageContaining("Levada's own services");
        spark.run("ALTER TABLE lake.raw.orders SET TBLPROPERTIES ('theirs' = 'x')");
    }

    /// A raw table as landing makes it, with one more file.
    private Table orders(LakeCatalog lake, String name, long... ids) {
        Table table = lake.createOrEvolve(new TableSpec(
                name,
                RawSchema.ofChanges(
                        List.of(
                                new RawSchema.Column("id", Types.LongType.get()),
                                new RawSchema.Column("name", Types.StringType.get())),
                        List.of("id")),
                List.of("ingestion_date"),
                directory.resolve("lake/raw/orders").toString(),
                Map.of("levada.source", "s")));
        String file = table.location() + "/ingestion_date=2026-01-01/part-" + ids[0] + ".parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, file, "ingestion_date=2026-01-01")) {
            LongStream.of(ids).forEach(id -> {
                GenericRecord row = writer.newRow();
                row.setField("id", id);
                row.setField("name", "n" + id);
                row.setField("_op", "c");
                row.setField("_pos", "0-%020d".formatted(id));
                row.setField("ingestion_date", java.time.LocalDate.parse("2026-01-01"));
                writer.write(row);
            });
            table.newAppend()
                    .appendFile(WrittenFiles.toDataFile(writer.finish(), table.spec()))
                    .commit();
        }
        return table;
    }
}
