package io.levada.ingest.changes;

import io.levada.lake.RawSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// The shape of one table's change events, as an Iceberg struct and as the Avro record that travels.
///
/// The Avro record follows Iceberg's Avro mapping (Iceberg specification, appendix A), so that a decoded value is the
/// value that the Parquet writer takes. The key's column names are the record's property `levada.key`.
///
/// @param columns of the source table, in its order
/// @param key names of the key columns; empty where the table has none
public record ChangeSchema(
        List<RawSchema.Column> columns, List<String> key, Schema iceberg, org.apache.avro.Schema avro) {
    static final String OP = "op";
    static final String POS = "pos";
    static final String SOURCE_POS = "sourcePos";
    static final String COMMIT_TIME = "commitTime";
    static final String TX = "tx";
    static final String OLD_KEY = "oldKey";
    static final String BEFORE = "before";
    static final String AFTER = "after";
    static final String UNCHANGED = "unchanged";
    static final String REFUSED = "refused";
    static final String REFUSED_CODE = "code";
    static final String REFUSED_REASON = "reason";
    static final String REFUSED_ROW = "row";

    private static final String KEY_PROPERTY = "levada.key";
    private static final String RECORD_NAME = "Change";
    private static final String ORIGINAL_NAME_PROPERTY = "iceberg-field-name";

    public ChangeSchema {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /// The events of a table with these columns.
    public static ChangeSchema of(List<RawSchema.Column> columns, List<String> key) {
        List<Types.NestedField> fields = new ArrayList<>();
        fields.add(Types.NestedField.required(1, OP, Types.StringType.get()));
        fields.add(Types.NestedField.required(2, POS, Types.StringType.get()));
        fields.add(Types.NestedField.required(3, SOURCE_POS, Types.StringType.get()));
        fields.add(Types.NestedField.required(4, COMMIT_TIME, Types.TimestampType.withZone()));
        fields.add(Types.NestedField.optional(5, TX, Types.StringType.get()));
        if (!key.isEmpty()) {
            fields.add(Types.NestedField.optional(
                    6,
                    OLD_KEY,
                    struct(columns.stream().filter(c -> key.contains(c.name())).toList())));
        }
        fields.add(Types.NestedField.optional(7, BEFORE, struct(columns)));
        fields.add(Types.NestedField.optional(8, AFTER, struct(columns)));
        fields.add(Types.NestedField.optional(9, UNCHANGED, Types.ListType.ofRequired(0, Types.StringType.get())));
        fields.add(Types.NestedField.optional(
                10,
                REFUSED,
                Types.StructType.of(
                        Types.NestedField.required(2001, REFUSED_CODE, Types.StringType.get()),
                        Types.NestedField.required(2002, REFUSED_REASON, Types.StringType.get()),
                        Types.NestedField.required(2003, REFUSED_ROW, Types.StringType.get()))));
        AtomicInteger lastId = new AtomicInteger();
        Schema iceberg = new Schema(TypeUtil.assignFreshIds(Types.StructType.of(fields), lastId::incrementAndGet)
                .asStructType()
                .fields());
        org.apache.avro.Schema avro = AvroSchemaUtil.convert(iceberg, RECORD_NAME);
        avro.addProp(KEY_PROPERTY, key);
        return new ChangeSchema(columns, key, iceberg, avro);
    }

    /// The schema that an event was written with.
    ///
    /// @param json an Avro schema that [#of] made
    public static ChangeSchema parse(String json) {
        org.apache.avro.Schema avro = new org.apache.avro.Schema.Parser().parse(json);
        Schema iceberg = AvroSchemaUtil.toIceberg(avro);
        org.apache.avro.Schema row = avro.getField(AFTER).schema().getTypes().stream()
                .filter(type -> type.getType() == org.apache.avro.Schema.Type.RECORD)
                .findFirst()
                .orElseThrow();
        Types.StructType after = iceberg.findType(AFTER).asStructType();
        List<RawSchema.Column> columns = new ArrayList<>();
        for (int i = 0; i < after.fields().size(); i++) {
            String original = row.getFields().get(i).getProp(ORIGINAL_NAME_PROPERTY);
            Types.NestedField field = after.fields().get(i);
            columns.add(new RawSchema.Column(original == null ? field.name() : original, field.type()));
        }
        List<String> key = new ArrayList<>();
        if (avro.getObjectProp(KEY_PROPERTY) instanceof List<?> names) {
            names.forEach(name -> key.add(String.valueOf(name)));
        }
        return new ChangeSchema(columns, key, iceberg, avro);
    }

    /// The struct of the key columns, in the table's order.
    public Types.StructType keyStruct() {
        return iceberg.findType(OLD_KEY).asStructType();
    }

    /// The struct of a row.
    public Types.StructType rowStruct() {
        return iceberg.findType(AFTER).asStructType();
    }

    /// The struct that stands for a row that the lake can not hold.
    Types.StructType refusedStruct() {
        return iceberg.findType(REFUSED).asStructType();
    }

    private static Types.StructType struct(List<RawSchema.Column> columns) {
        List<Types.NestedField> fields = new ArrayList<>();
        for (RawSchema.Column column : columns) {
            fields.add(Types.NestedField.optional(1000 + fields.size(), column.name(), column.type()));
        }
        return Types.StructType.of(fields);
    }
}
