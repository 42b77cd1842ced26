package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.RawColumns;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

class RawSchemaTest {
    private static final List<RawSchema.Column> COLUMNS = List.of(
            new RawSchema.Column("a", Types.LongType.get()),
            new RawSchema.Column("b", Types.StringType.get()),
            new RawSchema.Column("tags", Types.ListType.ofOptional(0, Types.StringType.get())),
            new RawSchema.Column("c", Types.DecimalType.of(10, 2)));

    @Test
    void keepsColumnsThenAddsLevadasOwn() {
        Schema schema = RawSchema.ofChanges(COLUMNS, List.of("a", "c"));

        assertThat(schema.columns().stream().map(Types.NestedField::name))
                .containsExactlyElementsOf(Stream.concat(
                                COLUMNS.stream().map(RawSchema.Column::name),
                                Stream.of(
                                        RawColumns.OP,
                                        RawColumns.POS,
                                        RawColumns.SOURCE_POS,
                                        RawColumns.TS,
                                        RawColumns.TX,
                                        RawColumns.INGESTED_AT,
                                        RawColumns.UNCHANGED,
                                        RawColumns.OLD_KEY,
                                        RawColumns.LOAD,
                                        RawColumns.INGESTION_DATE))
                        .toList());
        assertThat(schema.findField(RawColumns.OLD_KEY).type().asStructType().fields())
                .extracting(Types.NestedField::name)
                .containsExactly("a", "c");
        assertThat(schema.columns()).allMatch(Types.NestedField::isOptional);
    }

    @Test
    void givesEveryFieldAnIdOfItsOwn() {
        Schema schema = RawSchema.ofChanges(COLUMNS, List.of("a", "c"));

        assertThat(TypeUtil.indexById(schema.asStruct())).hasSize(COLUMNS.size() + 10 + 4);
    }

    @Test
    void hasNoOldKeyWhereThereIsNoKey() {
        assertThat(RawSchema.ofChanges(COLUMNS, List.of()).findField(RawColumns.OLD_KEY))
                .isNull();
    }

    @Test
    void describesFilesAndQuarantine() {
        assertThat(RawSchema.ofFiles(COLUMNS).findField(RawColumns.LINE).type()).isEqualTo(Types.LongType.get());
        assertThat(RawSchema.quarantine().findField("raw").type()).isEqualTo(Types.BinaryType.get());
    }
}
