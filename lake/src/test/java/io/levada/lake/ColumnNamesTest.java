package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

class ColumnNamesTest {
    @Test
    void refusesColumnsThatEnginesCouldNotTellApart() throws Exception {
        try (InMemoryCatalog catalog = new InMemoryCatalog()) {
            catalog.initialize("test", new HashMap<>());
            catalog.createNamespace(Namespace.of("raw"));
            Table table = catalog.createTable(TableIdentifier.of("raw", "t"), schema("id", "name"));

            ColumnNames.requireDistinct(wanted("name", "more"), Optional.of(table));
            assertThatThrownBy(() -> ColumnNames.requireDistinct(wanted("id", "Name"), Optional.of(table)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Columns name and Name of raw.t")
                    .hasMessageContaining("`as:`");
            assertThatThrownBy(() -> ColumnNames.requireDistinct(wanted("a", "A"), Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static TableSpec wanted(String... columns) {
        return new TableSpec("raw.t", schema(columns), List.of(), "/lake/raw/t", Map.of());
    }

    private static Schema schema(String... columns) {
        return new Schema(IntStream.range(0, columns.length)
                .mapToObj(i -> Types.NestedField.optional(i + 1, columns[i], Types.StringType.get()))
                .toList());
    }
}
