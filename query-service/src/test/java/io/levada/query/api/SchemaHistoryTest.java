package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.sql.TableDetail.ColumnChange;
import io.levada.sql.TableDetail.ColumnChange.Kind;
import io.levada.sql.TableDetail.SchemaVersion;
import io.levada.testing.LocalLake;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaHistoryTest {
    private static final String NAME = "raw.shop_item";

    @TempDir
    private Path directory;

    private LocalLake lake;
    private Table table;

    @BeforeEach
    void makeTable() throws Exception {
        lake = new LocalLake(directory);
        table = lake.create(
                NAME,
                new Schema(
                        Types.NestedField.required(1, "id", Types.IntegerType.get()),
                        Types.NestedField.optional(2, "name", Types.StringType.get())));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void saysSinceWhenEachColumnIsWhatItIs() {
        lake.append(NAME, List.of(List.of(1)));
        table.updateSchema()
                .addColumn("price", Types.DecimalType.of(10, 2))
                .updateColumn("id", Types.LongType.get())
                .commit();
        lake.append(NAME, List.of(List.of(1L)));
        table.updateSchema()
                .renameColumn("name", "label")
                .deleteColumn("price")
                .makeColumnOptional("id")
                .commit();

        List<SchemaVersion> history = history();

        assertThat(history).extracting(SchemaVersion::schemaId).containsExactly(2, 1, 0);
        assertThat(history.get(0).changes())
                .containsExactly(
                        new ColumnChange(Kind.MADE_OPTIONAL, "id", "BIGINT", null),
                        new ColumnChange(Kind.RENAMED, "label", "VARCHAR", "name"),
                        new ColumnChange(Kind.DROPPED, "price", "DECIMAL(10,2)", null));
        assertThat(history.get(0).snapshotId())
                .as("no snapshot has this schema yet")
                .isNull();
        assertThat(history.get(1).changes())
                .containsExactly(
                        new ColumnChange(Kind.WIDENED, "id", "BIGINT", "INTEGER"),
                        new ColumnChange(Kind.ADDED, "price", "DECIMAL(10,2)", null));
        Table now = lake.load(NAME).orElseThrow();
        assertThat(history.get(1).snapshotId())
                .isEqualTo(Long.toString(now.currentSnapshot().snapshotId()));
        assertThat(history.get(1).committedAt()).isNotNull();
        assertThat(history.get(1).completeTo())
                .hasEntrySatisfying("shop", at -> assertThat(at.position()).isEqualTo("0/1A"));
        assertThat(history.get(2).changes()).isEmpty();
    }

    @Test
    void keepsSchemasThatNoSnapshotWasMadeWithInTheirPlace() {
        table.updateSchema().addColumn("a", Types.IntegerType.get()).commit();
        lake.append(NAME, List.of(List.of(1)));
        table.updateSchema().addColumn("b", Types.IntegerType.get()).commit();
        table.updateSchema().addColumn("c", Types.IntegerType.get()).commit();
        lake.append(NAME, List.of(List.of(1)));

        assertThat(history()).extracting(SchemaVersion::schemaId).containsExactly(3, 2, 1, 0);
        assertThat(history())
                .extracting(version -> version.snapshotId() != null)
                .containsExactly(true, false, true, false);
    }

    @Test
    void showsAColumnThatCameBack() {
        lake.append(NAME, List.of(List.of(1)));
        table.updateSchema().renameColumn("name", "label").commit();
        lake.append(NAME, List.of(List.of(1)));
        table.updateSchema().renameColumn("label", "name").commit();
        lake.append(NAME, List.of(List.of(1)));

        assertThat(history()).extracting(SchemaVersion::schemaId).containsExactly(0, 1, 0);
        assertThat(history().getFirst().changes())
                .containsExactly(new ColumnChange(Kind.RENAMED, "name", "VARCHAR", "label"));
    }

    private List<SchemaVersion> history() {
        return SchemaHistory.of(lake.load(NAME).orElseThrow());
    }
}
