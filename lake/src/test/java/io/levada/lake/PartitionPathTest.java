package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.UUID;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionPathTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "name", Types.StringType.get()),
            Types.NestedField.optional(2, "day", Types.DateType.get()),
            Types.NestedField.optional(3, "amount", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(4, "id", Types.UUIDType.get()),
            Types.NestedField.optional(5, "a/b=c", Types.IntegerType.get()),
            Types.NestedField.optional(6, "open", Types.BooleanType.get()),
            Types.NestedField.optional(7, "count", Types.LongType.get()));
    private static final PartitionSpec SPEC = PartitionSpec.builderFor(SCHEMA)
            .identity("name")
            .identity("day")
            .identity("amount")
            .identity("id")
            .identity("a/b=c")
            .identity("open")
            .identity("count")
            .build();

    @Test
    void keepsValuesThatPathsAndNamesMakeHard() {
        for (String name : new String[] {"plain", "", "null", "a/b=c d%2F+é", " x "}) {
            PartitionData values = values(name, 20_000, new BigDecimal("-1.50"), new UUID(1, 2), -7, true, 1L << 40);

            assertThat(PartitionPath.parse(SPEC, PartitionPath.of(SPEC, values)))
                    .isEqualTo(values);
        }
    }

    @Test
    void keepsNulls() {
        PartitionData values = values(null, null, null, null, null, null, null);

        assertThat(PartitionPath.parse(SPEC, PartitionPath.of(SPEC, values))).isEqualTo(values);
    }

    @Test
    void writesDatesAsPeopleReadThem() {
        PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("day").build();
        PartitionData values = new PartitionData(spec.partitionType());
        values.set(0, 20_778);

        assertThat(PartitionPath.of(spec, values)).isEqualTo("day=2026-11-21");
    }

    @Test
    void refusesAPathOfAnotherSpec() {
        assertThatThrownBy(() -> PartitionPath.parse(SPEC, "day=2026-11-21"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("day=2026-11-21");
    }

    private static PartitionData values(@Nullable Object... values) {
        PartitionData data = new PartitionData(SPEC.partitionType());
        for (int i = 0; i < values.length; i++) {
            data.set(i, values[i]);
        }
        return data;
    }
}
