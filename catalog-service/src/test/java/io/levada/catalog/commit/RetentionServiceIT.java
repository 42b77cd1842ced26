package io.levada.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.LineageDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.RawSettings;
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
import java.util.UUID;
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

            long run = service.json("POST", "/v1/maintenance", "{\"table\": \"" + NAME + "\"}")
                    .get("run")
                    .asLong();
            JsonNode state = Eventually.within(
                    Eventually.PATIENCE,
                    () -> service.json("GET", "/v1/maintenance", ""),
                    answer -> answer.get("finished").asLong() >= run);

            JsonNode report = state.get("tables").get(0);
            assertThat(report.get("rowsRemoved").asLong()).isEqualTo(2);
            assertThat(report.get("filesRemoved").asLong()).isEqualTo(1);
            table.refresh();
            assertThat(table.currentSnapshot().summary()).containsEntry("total-records", "1");
            assertThat(table.properties())
                    .containsEntry(
                            TableProperties.KEPT_FROM, today.minusDays(30).toString());
        }
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
