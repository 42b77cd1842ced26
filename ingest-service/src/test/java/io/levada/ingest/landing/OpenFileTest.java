package io.levada.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.RawColumns;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.changes.Change;
import io.levada.ingest.files.LocalTables;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.SchemaEvolution;
import io.levada.lake.TableSpec;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    private static final OffsetDateTime NOW = OffsetDateTime.of(2026, 11, 21, 12, 0, 0, 0, ZoneOffset.UTC);
    private static final Type TEXT = Types.StringType.get();
    private static final Type INT = Types.IntegerType.get();

    private final LocalTables tables = new LocalTables();

    @TempDir
    private Path directory;

    @Test
    void aChangeOfEarlierTypesStandsUnderTheNamesThatTheTableHasForThem() {
        List<RawSchema.Column> earlier = columns(TEXT);
        Table table = tables.createOrEvolve(new TableSpec(
                "raw.s_t",
                RawSchema.ofChanges(earlier, List.of("id")),
                List.of(RawColumns.INGESTION_DATE),
                directory.resolve("t").toString(),
                Map.of()));
        SchemaEvolution.follow(table, RawSchema.ofChanges(columns(INT), List.of("id")));
        RawTarget target =
                new RawTarget.Ready(table, RawTables.renamed(table.schema().asStruct(), earlier));

        Record row = landed(
                target,
                new Change(
                        "u", "1", "0/1", NOW, null, record("0", null), null, record("1", null), List.of("name"), null));

        assertThat(row.getField("id_was_string")).isEqualTo("1");
        assertThat(row.getField("id")).isNull();
        assertThat(row.getField(RawColumns.UNCHANGED)).isEqualTo(List.of("name_was_string"));
        assertThat(((Record) row.getField(RawColumns.OLD_KEY)).getField("id_was_string"))
                .isEqualTo("0");
    }

    private Record landed(RawTarget target, Change change) {
        OpenFile file = new OpenFile(
                target,
                1,
                0,
                NOW,
                0,
                new QuarantineWriter(tables::createOrEvolve, new LakeLayout(directory.toString())));
        file.add(change, NOW);
        return CopiedFiles.rows(target.table().schema(), file.finish()).getFirst();
    }

    private static List<RawSchema.Column> columns(Type type) {
        return List.of(new RawSchema.Column("id", type), new RawSchema.Column("name", type));
    }

    private static Record record(String id, @Nullable Object name) {
        Record record = GenericRecord.create(
                new Schema(Types.NestedField.optional(1, "id", TEXT), Types.NestedField.optional(2, "name", TEXT)));
        record.setField("id", id);
        record.setField("name", name);
        return record;
    }
}
