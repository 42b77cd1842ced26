package io.levada.lake;

import io.levada.events.RawColumns;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// The schemas of raw tables: the source's columns, then Levada's. All columns are optional, as a delete or truncate
/// sends few values. Field ids are placeholders until the catalog gives them.
public final class RawSchema {
    private RawSchema() {}

    /// A column of a source.
    public record Column(String name, Type type) {}

    /// Schema of the raw table of a database table.
    ///
    /// @param key names of the key columns; empty where the table has none
    public static Schema ofChanges(List<Column> columns, List<String> key) {
        Fields fields = new Fields();
        columns.forEach(column -> fields.add(column.name(), column.type()));
        fields.add(RawColumns.OP, Types.StringType.get());
        fields.add(RawColumns.POS, Types.StringType.get());
        fields.add(RawColumns.SOURCE_POS, Types.StringType.get());
        fields.add(RawColumns.TS, Types.TimestampType.withZone());
        fields.add(RawColumns.TX, Types.StringType.get());
        fields.add(RawColumns.INGESTED_AT, Types.TimestampType.withZone());
        fields.add(RawColumns.UNCHANGED, Types.ListType.ofOptional(0, Types.StringType.get()));
        if (!key.isEmpty()) {
            fields.add(
                    RawColumns.OLD_KEY,
                    Types.StructType.of(columns.stream()
                            .filter(column -> key.contains(column.name()))
                            .map(column ->
                                    Types.NestedField.optional(columns.indexOf(column), column.name(), column.type()))
                            .toList()));
        }
        fields.add(RawColumns.LOAD, Types.IntegerType.get());
        fields.add(RawColumns.INGESTION_DATE, Types.DateType.get());
        return fields.schema();
    }

    /// Schema of the raw table of a watched folder.
    public static Schema ofFiles(List<Column> columns) {
        Fields fields = new Fields();
        columns.forEach(column -> fields.add(column.name(), column.type()));
        fields.add(RawColumns.OP, Types.StringType.get());
        fields.add(RawColumns.POS, Types.StringType.get());
        fields.add(RawColumns.INGESTED_AT, Types.TimestampType.withZone());
        fields.add(RawColumns.FILE, Types.StringType.get());
        fields.add(RawColumns.LINE, Types.LongType.get());
        fields.add(RawColumns.INGESTION_DATE, Types.DateType.get());
        return fields.schema();
    }

    /// Schema of `raw.quarantine`.
    public static Schema quarantine() {
        Fields fields = new Fields();
        fields.add("source", Types.StringType.get());
        fields.add("table_name", Types.StringType.get());
        fields.add("position", Types.StringType.get());
        fields.add("file", Types.StringType.get());
        fields.add("line", Types.LongType.get());
        fields.add("raw", Types.BinaryType.get());
        fields.add("code", Types.StringType.get());
        fields.add("reason", Types.StringType.get());
        fields.add(RawColumns.INGESTED_AT, Types.TimestampType.withZone());
        fields.add(RawColumns.INGESTION_DATE, Types.DateType.get());
        return fields.schema();
    }

    private static final class Fields {
        private final List<Types.NestedField> fields = new ArrayList<>();

        void add(String name, Type type) {
            fields.add(Types.NestedField.optional(fields.size() + 1, name, type));
        }

        Schema schema() {
            int[] last = {fields.size()};
            return new Schema(fields.stream()
                    .map(field -> Types.NestedField.optional(
                            field.fieldId(), field.name(), TypeUtil.assignFreshIds(field.type(), () -> ++last[0])))
                    .toList());
        }
    }
}
