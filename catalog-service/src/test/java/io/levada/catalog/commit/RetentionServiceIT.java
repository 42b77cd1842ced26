package io.levada.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.PeopleLake;
import io.levada.catalog.PeopleLake.Row;
import io.levada.definition.LineageDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.RawSettings;
import io.levada.events.PublishedPosition;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.WrittenFiles;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Retention as a part of maintenance inside the running service.
class RetentionServiceIT {
    private static final String NAME = "raw.inbox_sales";

    @TempDir
    private Path directory;

    @Test
    void takesOutWhatIsOverTheBoundOfTheDefinitionAndReportsIt() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        PipelineDefinition definition = LineageDefinitions.telling(directory, LineageDefinition.silent("test"))
                .with(new RawSettings(null, Map.of(NAME, Duration.ofDays(30))));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), ports.getFirst(), ports.getLast());
                RunningCatalog service =
                        RunningCatalog.start(directory, kafka.bootstrapServers(), (_, _) -> {}, definition)) {
            Table table = create(service.catalog());
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            land(table, today.minusDays(40), "old", "old too");
            land(table, today, "young");

            JsonNode report = maintain(service, NAME);

            assertThat(report.get("rowsRemoved").asLong()).isEqualTo(2);
            assertThat(report.get("filesRemoved").asLong()).isEqualTo(1);
            table.refresh();
            assertThat(table.currentSnapshot().summary()).containsEntry("total-records", "1");
            assertThat(table.properties())
                    .containsEntry(
                            TableProperties.KEPT_FROM, today.minusDays(30).toString());
        }
    }

    private static JsonNode maintain(RunningCatalog service, String table) throws Exception {
        long run = service.json("POST", "/v1/maintenance", "{\"table\": \"" + table + "\"}")
                .get("run")
                .asLong();
        return Eventually.within(
                        Eventually.PATIENCE,
                        () -> service.json("GET", "/v1/maintenance", ""),
                        answer -> answer.get("finished").asLong() >= run)
                .get("tables")
                .get(0);
    }

    @Test
    void boundsTheHistoryOfADatabaseTableOnceItsSourceSaysThatNoLoadOfItIsBegun() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        PipelineDefinition definition = LineageDefinitions.telling(directory, LineageDefinition.silent("test"))
                .with(new RawSettings(Duration.ofDays(30), Map.of()));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), ports.getFirst(), ports.getLast());
                RunningCatalog service =
                        RunningCatalog.start(directory, kafka.bootstrapServers(), (_, _) -> {}, definition)) {
            BaseTable table = createPeople(service.catalog());
            LocalDate old = LocalDate.now(ZoneOffset.UTC).minusDays(40);
            table.newAppend()
                    .appendFile(PeopleLake.write(
                            table,
                            old,
                            List.of(
                                    PeopleLake.raw(Row.of("c", 1, 1, "old"), table),
                                    PeopleLake.raw(Row.of("u", 2, 1, "new"), table))))
                    .commit();
            String topic = "levada.changes.shop.person";

            JsonNode unknown = maintain(service, PeopleLake.RAW);
            assertThat(unknown.get("rowsRemoved").asLong()).isZero();
            assertThat(unknown.get("problems").toString()).contains("RETENTION_WAITS");

            publish(kafka, 1, Set.of(topic));
            publish(kafka, 2, Set.of());
            Eventually.within(
                    Eventually.PATIENCE,
                    () -> maintain(service, PeopleLake.RAW).get("rowsRemoved").asLong(),
                    rows -> rows == 1);
        }
    }

    private static void publish(EmbeddedKafka kafka, int at, Set<String> loading) {
        RunningCatalog.publish(
                kafka.bootstrapServers(),
                new PublishedPosition("shop", PeopleLake.position(at), "0/" + at, null, Map.of(), loading));
    }

    private BaseTable createPeople(Catalog catalog) {
        Schema schema = RawSchema.ofChanges(
                List.of(
                        new RawSchema.Column("id", Types.LongType.get()),
                        new RawSchema.Column("name", Types.StringType.get())),
                List.of("id"));
        ((SupportsNamespaces) catalog).createNamespace(Namespace.of("raw"));
        return (BaseTable) catalog.buildTable(LakeCatalog.identifier(PeopleLake.RAW), schema)
                .withPartitionSpec(PartitionSpec.builderFor(schema)
                        .identity("ingestion_date")
                        .build())
                .withLocation(directory.toAbsolutePath() + "/lake/raw/shop_person")
                .withProperty(TableProperties.KEY, "[\"id\"]")
                .withProperty(TableProperties.SOURCE, "shop")
                .withProperty(TableProperties.LOAD_GENERATION, "1")
                .withProperty(TableProperties.LOAD_POS, PeopleLake.position(0))
                .create();
    }

    private Table create(Catalog catalog) {
        Schema schema = RawSchema.ofFiles(List.of(new RawSchema.Column("name", Types.StringType.get())));
        ((SupportsNamespaces) catalog).createNamespace(Namespace.of("raw"));
        return catalog.buildTable(LakeCatalog.identifier(NAME), schema)
                .withPartitionSpec(PartitionSpec.builderFor(schema)
                        .identity("ingestion_date")
                        .build())
                .withLocation(directory.toAbsolutePath() + "/lake/raw/inbox_sales")
                .create();
    }

    private static void land(Table table, LocalDate day, String... names) {
        String partition = "ingestion_date=" + day;
        String location = table.location() + "/" + partition + "/run_id=" + UUID.randomUUID() + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, partition)) {
            for (String name : names) {
                GenericRecord row = writer.newRow();
                row.setField("name", name);
                row.setField("ingestion_date", day);
                writer.write(row);
            }
            table.newAppend()
                    .appendFile(WrittenFiles.toDataFile(writer.finish(), table.spec()))
                    .commit();
        }
    }
}
