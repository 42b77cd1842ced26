package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ByteBuffers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
    private static final String RAW = "raw.s_t";
    private static final String CURATED = "curated.t";

    private MaintainedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void makesOneFileOfTheSmallFilesOfAClosedDay() throws Exception {
        lake.createRaw(RAW);
        for (int i = 0; i < 6; i++) {
            lake.append(RAW, 2L * i, 2L * i + 1);
        }
        Snapshot before = lake.table(RAW).currentSnapshot();

        Compaction.Outcome outcome = lake.compact(RAW);

        assertThat(outcome.filesReplaced()).isEqualTo(6);
        assertThat(outcome.filesWritten()).isEqualTo(1);
        assertThat(lake.files(RAW)).singleElement().asString().contains("/ingestion_date=2026-01-01/run_id=");
        assertThat(lake.rows(RAW))
                .extracting(row -> (Long) row.getField("id"))
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
        Snapshot after = lake.table(RAW).currentSnapshot();
        assertThat(after.operation()).isEqualTo("replace");
        assertThat(after.summary()).containsEntry(TableProperties.SUMMARY_CAUSE, "COMPACTION");
        assertThat(ContentSnapshot.id(after)).isEqualTo(before.snapshotId());
        assertThat(lake.announced).containsExactly(RAW);
        assertThat(lake.compact(RAW)).isEqualTo(Compaction.Outcome.NOTHING);
    }

    @Test
    void namesTheContentOfAChainOfRewritesAndOfAnAppendAfterThem() {
        lake.createRaw(RAW);
        for (int i = 0; i < 5; i++) {
            lake.append(RAW, i);
        }
        Snapshot content = lake.table(RAW).currentSnapshot();
        lake.compact(RAW);
        lake.table(RAW).rewriteManifests().clusterBy(_ -> "").commit();
        new RewriteCommit(lake.catalog())
                .commit(
                        lake.table(RAW),
                        "again",
                        table -> table.rewriteManifests().clusterBy(_ -> ""));

        // A rewrite by somebody else counts as new content; one of ours names what it rewrites.
        Snapshot foreign =
                lake.table(RAW).snapshot(lake.table(RAW).currentSnapshot().parentId());
        assertThat(ContentSnapshot.id(foreign)).isEqualTo(foreign.snapshotId());
        assertThat(ContentSnapshot.current(lake.table(RAW))).isEqualTo(foreign.snapshotId());
        assertThat(ContentSnapshot.find(lake.table(RAW), content.snapshotId())).contains(content);

        lake.append(RAW, 9);
        assertThat(ContentSnapshot.current(lake.table(RAW)))
                .isEqualTo(lake.table(RAW).currentSnapshot().snapshotId());
    }

    @Test
    void leavesTheDayAloneThatIsStillWritten() throws Exception {
        lake.createRaw(RAW);
        String today = LocalDate.now(ZoneOffset.UTC).toString();
        for (int i = 0; i < 6; i++) {
            lake.append(RAW, today, i);
        }

        assertThat(lake.compact(RAW)).isEqualTo(Compaction.Outcome.NOTHING);
        assertThat(lake.compaction(MaintainedLake.clock(java.time.Duration.ofDays(1)), MaintainedLake.NO_STEPS)
                        .compact(RAW, MaintainedLake.SETTINGS.compaction(), new ArrayList<>())
                        .filesReplaced())
                .isEqualTo(6);
    }

    @Test
    void leavesFilesAloneThatLieElsewhereAndAreNotTheLakes() throws Exception {
        lake.createRaw(RAW);
        for (int i = 0; i < 6; i++) {
            lake.append(RAW, i);
        }
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.DATA_FILES, TableProperties.IN_PLACE)
                .commit();
        List<String> files = lake.files(RAW);

        lake.maintain(RAW, MaintainedLake.NO_STEPS);

        assertThat(lake.files(RAW)).hasSize(6).containsExactlyInAnyOrderElementsOf(files);
        assertThat(lake.table(RAW).snapshots()).hasSize(6);
        assertThat(lake.ids(RAW)).hasSize(6);
    }

    @Test
    void leavesFewSmallFilesAlone() {
        lake.createRaw(RAW);
        for (int i = 0; i < 4; i++) {
            lake.append(RAW, i);
        }

        assertThat(lake.compact(RAW)).isEqualTo(Compaction.Outcome.NOTHING);
    }

    @Test
    void keepsRowsOfEveryTypeAndOfEarlierSchemas() throws Exception {
        Schema schema = new Schema(
                Types.NestedField.optional(1, "b", Types.BooleanType.get()),
                Types.NestedField.optional(2, "i", Types.IntegerType.get()),
                Types.NestedField.optional(3, "l", Types.LongType.get()),
                Types.NestedField.optional(4, "f", Types.FloatType.get()),
                Types.NestedField.optional(5, "d", Types.DoubleType.get()),
                Types.NestedField.optional(6, "small", Types.DecimalType.of(9, 2)),
                Types.NestedField.optional(7, "big", Types.DecimalType.of(38, 10)),
                Types.NestedField.optional(8, "day", Types.DateType.get()),
                Types.NestedField.optional(9, "time", Types.TimeType.get()),
                Types.NestedField.optional(10, "ts", Types.TimestampType.withoutZone()),
                Types.NestedField.optional(11, "tstz", Types.TimestampType.withZone()),
                Types.NestedField.optional(12, "s", Types.StringType.get()),
                Types.NestedField.optional(13, "uuid", Types.UUIDType.get()),
                Types.NestedField.optional(14, "bin", Types.BinaryType.get()),
                Types.NestedField.optional(15, "_unchanged", Types.ListType.ofOptional(16, Types.StringType.get())),
                Types.NestedField.optional(
                        17,
                        "_old_key",
                        Types.StructType.of(
                                Types.NestedField.optional(18, "id", Types.IntegerType.get()),
                                Types.NestedField.optional(19, "name", Types.StringType.get()))),
                Types.NestedField.optional(
                        20, "m", Types.MapType.ofOptional(21, 22, Types.StringType.get(), Types.LongType.get())),
                Types.NestedField.optional(23, "gone", Types.StringType.get()));
        BaseTable table = lake.create(CURATED, schema, PartitionSpec.unpartitioned());
        for (int i = 0; i < 3; i++) {
            MaintainedLake.commit(table, MaintainedLake.file(table, "", full(table, i), _ -> {}, extreme(table, i)));
        }
        table.updateSchema()
                .addColumn("added", Types.StringType.get())
                .updateColumn("i", Types.LongType.get())
                .updateColumn("small", Types.DecimalType.of(18, 2))
                .renameColumn("s", "text")
                .deleteColumn("gone")
                .addColumn("_old_key", "more", Types.LongType.get())
                .commit();
        table.refresh();
        for (int i = 0; i < 3; i++) {
            MaintainedLake.commit(table, MaintainedLake.file(table, "", row -> {
                row.setField("i", 1L << 40);
                row.setField("text", "later");
                row.setField("added", "yes");
            }));
        }
        List<Record> before = lake.rows(CURATED);
        List<Record> earlier = MaintainedLake.rows(table);
        List<Problem> notes = new ArrayList<>();

        Compaction.Outcome outcome = lake.compaction(Clock.systemUTC(), MaintainedLake.NO_STEPS)
                .compact(CURATED, MaintainedLake.SETTINGS.compaction(), notes);

        assertThat(notes).isEmpty();
        assertThat(outcome.filesReplaced()).isEqualTo(6);
        assertThat(lake.files(CURATED)).hasSize(1);
        assertThat(before).hasSize(12);
        assertThat(texts(lake.rows(CURATED))).containsExactlyInAnyOrderElementsOf(texts(before));
        assertThat(texts(MaintainedLake.rows(table))).isEqualTo(texts(earlier));
    }

    private static Consumer<GenericRecord> full(BaseTable table, int i) {
        GenericRecord key =
                GenericRecord.create(table.schema().findType("_old_key").asStructType());
        key.setField("id", i);
        key.setField("name", "old " + i);
        return row -> {
            row.setField("b", i % 2 == 0);
            row.setField("i", i);
            row.setField("l", 1L << 60 + i);
            row.setField("f", 1.5f * i);
            row.setField("d", 0.1 * i);
            row.setField("small", new BigDecimal("1234567.89"));
            row.setField("big", new BigDecimal("1234567890123456789012345678.0123456789"));
            row.setField("day", LocalDate.of(2026, 2, 28));
            row.setField("time", LocalTime.of(23, 59, 59, 999_999_000));
            row.setField("ts", LocalDateTime.of(2026, 1, 2, 3, 4, 5, 123_456_000));
            row.setField("tstz", OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 654_321_000, ZoneOffset.UTC));
            row.setField("s", "text ' \" \u0000 ü 🚰 " + i);
            row.setField("uuid", new UUID(i, -i));
            row.setField("bin", ByteBuffer.wrap(new byte[] {0, (byte) 0xff, (byte) i}));
            row.setField("_unchanged", Arrays.asList("a", null, "c"));
            row.setField("_old_key", key);
            row.setField("m", Map.of("k", 1L));
            row.setField("gone", "dropped");
        };
    }

    private static Consumer<GenericRecord> extreme(BaseTable table, int i) {
        return row -> {
            row.setField("i", Integer.MIN_VALUE);
            row.setField("l", Long.MAX_VALUE);
            row.setField("f", i == 0 ? Float.NaN : -0.0f);
            row.setField("d", i == 0 ? Double.NEGATIVE_INFINITY : Double.MIN_VALUE);
            row.setField("big", new BigDecimal("-9999999999999999999999999999.9999999999"));
            row.setField("day", LocalDate.of(1, 1, 1));
            row.setField("time", LocalTime.MIDNIGHT);
            row.setField("ts", LocalDateTime.of(1582, 10, 10, 0, 0));
            row.setField("tstz", OffsetDateTime.of(9999, 12, 31, 23, 59, 59, 0, ZoneOffset.UTC));
            row.setField("s", "");
            row.setField("bin", ByteBuffer.wrap(new byte[0]));
            row.setField("_unchanged", List.of());
            row.setField("m", Map.of());
        };
    }

    private static List<String> texts(List<Record> rows) {
        return rows.stream()
                .map(row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 0; i < row.size(); i++) {
                        values.add(text(row.get(i)));
                    }
                    return String.join("|", values);
                })
                .sorted()
                .toList();
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case ByteBuffer bytes -> Arrays.toString(ByteBuffers.toByteArray(bytes));
            case Record struct -> texts(List.of(struct)).toString();
            case null, default -> String.valueOf(value);
        };
    }

    @Test
    void leavesFilesAloneWhoseStructFieldsHaveOtherNamesByNow() throws Exception {
        Schema schema = new Schema(Types.NestedField.optional(
                1, "key", Types.StructType.of(Types.NestedField.optional(2, "id", Types.LongType.get()))));
        BaseTable table = lake.create(CURATED, schema, PartitionSpec.unpartitioned());
        for (int i = 0; i < 5; i++) {
            long id = i;
            MaintainedLake.commit(table, MaintainedLake.file(table, "", row -> {
                GenericRecord key =
                        GenericRecord.create(table.schema().findType("key").asStructType());
                key.setField("id", id);
                row.setField("key", key);
            }));
        }
        table.updateSchema().renameColumn("key.id", "id_was_long").commit();
        List<Record> before = lake.rows(CURATED);
        List<Problem> notes = new ArrayList<>();

        Compaction.Outcome outcome = lake.compaction(Clock.systemUTC(), MaintainedLake.NO_STEPS)
                .compact(CURATED, MaintainedLake.SETTINGS.compaction(), notes);

        assertThat(outcome).isEqualTo(Compaction.Outcome.NOTHING);
        assertThat(notes).singleElement().satisfies(note -> {
            assertThat(note.code()).isEqualTo("REWRITE_UNSUPPORTED");
            assertThat(note.detail()).contains("key.id has another name by now");
        });
        assertThat(texts(lake.rows(CURATED))).isEqualTo(texts(before));
    }

    @Test
    void refusesAFileWithOtherRowsThanThoseThatItReplaces() throws Exception {
        lake.createRaw(RAW);
        for (int i = 0; i < 4; i++) {
            lake.append(RAW, i);
        }
        BaseTable table = lake.table(RAW);
        DataFile file = MaintainedLake.file(table, "ingestion_date=2026-01-01", row -> row.setField("id", 9L));
        MaintainedLake.commit(
                table,
                DataFiles.builder(table.spec()).copy(file).withRecordCount(2).build());

        fails(CatalogError.REWRITE_MISMATCH);
    }

    @Test
    void leavesTheTableAsItIsWhereAFileIsCorrupt() throws Exception {
        lake.createRaw(RAW);
        for (int i = 0; i < 5; i++) {
            lake.append(RAW, i);
        }
        Path file = Path.of(lake.files(RAW).getFirst());
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, 40, (byte) 0xff);
        Files.write(file, bytes);

        fails(CatalogError.REWRITE_FAILED);
    }

    @Test
    void leavesTheTableAsItIsWhereNoFileCanBeWritten() throws Exception {
        lake.create(CURATED, MaintainedLake.IDS, PartitionSpec.unpartitioned());
        for (int i = 0; i < 5; i++) {
            lake.append(CURATED, i);
        }
        Path data = Path.of(lake.table(CURATED).location(), "data");
        Path moved = data.resolveSibling("moved");
        Files.move(data, moved);
        Files.writeString(data, "no folder");
        List<Problem> notes = new ArrayList<>();

        assertThatThrownBy(() -> lake.compaction(Clock.systemUTC(), MaintainedLake.NO_STEPS)
                        .compact(CURATED, MaintainedLake.SETTINGS.compaction(), notes))
                .isInstanceOf(RuntimeException.class);

        Files.delete(data);
        Files.move(moved, data);
        assertThat(lake.ids(CURATED)).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(lake.compact(CURATED).filesReplaced()).isEqualTo(5);
    }

    private void fails(CatalogError error) throws Exception {
        long before = lake.table(RAW).currentSnapshot().snapshotId();
        assertThatThrownBy(() -> lake.compact(RAW))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(error));
        assertThat(lake.table(RAW).currentSnapshot().snapshotId()).isEqualTo(before);
        assertThat(lake.files(RAW)).hasSize(5);
    }

    @Test
    void losesNothingOfWhatIsCommittedWhileItRewrites() throws Exception {
        lake.createRaw(RAW);
        for (int i = 0; i < 5; i++) {
            lake.append(RAW, i);
        }
        Compaction compaction = lake.compaction(Clock.systemUTC(), (step, table) -> {
            if (step == MaintenanceStep.FILES_REWRITTEN) {
                lake.append(table, 5);
            }
        });

        compaction.compact(RAW, MaintainedLake.SETTINGS.compaction(), new ArrayList<>());

        assertThat(lake.ids(RAW)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        BaseTable table = lake.table(RAW);
        assertThat(ContentSnapshot.current(table))
                .isEqualTo(table.currentSnapshot().parentId());
        assertThat(lake.files(RAW)).hasSize(2);
    }

    @Test
    void dropsItsResultWhereTheTableWasReplacedMeanwhile() throws Exception {
        lake.create(CURATED, MaintainedLake.IDS, PartitionSpec.unpartitioned());
        for (int i = 0; i < 5; i++) {
            lake.append(CURATED, i);
        }
        Compaction compaction = lake.compaction(Clock.systemUTC(), (step, name) -> {
            BaseTable table = lake.table(name);
            if (step == MaintenanceStep.FILES_REWRITTEN) {
                table.newOverwrite()
                        .overwriteByRowFilter(Expressions.alwaysTrue())
                        .addFile(MaintainedLake.file(table, "", row -> row.setField("id", 77L)))
                        .commit();
            }
        });

        Compaction.Outcome outcome =
                compaction.compact(CURATED, MaintainedLake.SETTINGS.compaction(), new ArrayList<>());

        assertThat(outcome.dropped()).isEqualTo(1);
        assertThat(lake.ids(CURATED)).containsExactly(77L);
        assertThat(lake.table(CURATED).currentSnapshot().operation()).isEqualTo("overwrite");
        assertThat(lake.catalog().tableExists(LakeCatalog.identifier(CURATED))).isTrue();
    }
}
