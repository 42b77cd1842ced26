package io.levada.transform.result;

import io.levada.lake.TableSpec;
import io.levada.transform.LakeTables;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// A derived table on its way to hold a result: its columns become exactly the result's.
///
/// Files are written with the field ids that the table is going to have; the schema itself changes only in [#align],
/// once the files are there, so that the columns of a result that is never finished are not seen.
public final class ResultTable {
    private final Table table;
    private final Schema wanted;
    private final Schema schema;

    private ResultTable(Table table, Schema wanted, Schema schema) {
        this.table = table;
        this.wanted = wanted;
        this.schema = schema;
    }

    /// Creates the table where it is missing, and gives it the result's partitions.
    ///
    /// @param spec the result's columns and partitions
    /// @throws TransformException `PARTITION_UNFIT`
    public static ResultTable prepare(LakeTables lake, TableSpec spec) {
        requirePartitionable(spec);
        Table table = lake.load(spec.name()).orElseGet(() -> lake.create(spec));
        if (!partitionColumns(table).equals(spec.partitionBy())) {
            repartition(table, spec);
        }
        UpdateSchema update = update(table, spec.schema());
        return new ResultTable(table, spec.schema(), update.apply());
    }

    public Table table() {
        return table;
    }

    /// The schema with which the files are to be written.
    public Schema schema() {
        return schema;
    }

    /// Gives the table the schema that the files were written with.
    ///
    /// @throws TransformException `SCHEMA_MOVED` where someone else changed the table meanwhile
    public void align() {
        if (!table.schema().sameSchema(schema)) {
            update(table, wanted).commit();
            table.refresh();
        }
        if (!table.schema().asStruct().equals(schema.asStruct())) {
            throw new TransformException(
                    TransformError.SCHEMA_MOVED,
                    "The schema of " + table.name() + " changed while its result was computed: it is "
                            + table.schema().asStruct() + ", the files have " + schema.asStruct());
        }
    }

    private static UpdateSchema update(Table table, Schema wanted) {
        UpdateSchema update = table.updateSchema();
        Schema existing = table.schema();
        for (Types.NestedField field : existing.columns()) {
            if (wanted.findField(field.name()) == null) {
                update.deleteColumn(field.name());
            }
        }
        for (Types.NestedField field : wanted.columns()) {
            Types.NestedField old = existing.findField(field.name());
            if (old == null) {
                update.addColumn(field.name(), field.type());
            } else if (!sameType(old.type(), field.type())) {
                if (promotable(old.type(), field.type())) {
                    update.updateColumn(field.name(), field.type().asPrimitiveType());
                } else {
                    update.deleteColumn(field.name()).addColumn(field.name(), field.type());
                }
            }
        }
        String before = "";
        for (Types.NestedField field : wanted.columns()) {
            if (before.isEmpty()) {
                update.moveFirst(field.name());
            } else {
                update.moveAfter(field.name(), before);
            }
            before = field.name();
        }
        return update;
    }

    private static boolean promotable(Type from, Type to) {
        return from.isPrimitiveType()
                && to.isPrimitiveType()
                && TypeUtil.isPromotionAllowed(from, to.asPrimitiveType());
    }

    private static boolean sameType(Type one, Type other) {
        return withoutIds(one).equals(withoutIds(other));
    }

    private static Type withoutIds(Type type) {
        int[] last = {0};
        return TypeUtil.assignFreshIds(type, () -> ++last[0]);
    }

    private static List<String> partitionColumns(Table table) {
        return table.spec().fields().stream()
                .map(field -> table.schema().findColumnName(field.sourceId()))
                .toList();
    }

    /// Other partitions need the columns first: what is read meanwhile has new columns empty.
    private static void repartition(Table table, TableSpec spec) {
        UpdatePartitionSpec removal = table.updateSpec();
        table.spec().fields().forEach(field -> removal.removeField(field.name()));
        removal.commit();
        update(table, spec.schema()).commit();
        UpdatePartitionSpec addition = table.updateSpec();
        spec.partitionBy().forEach(addition::addField);
        addition.commit();
        table.refresh();
    }

    private static void requirePartitionable(TableSpec spec) {
        for (String name : spec.partitionBy()) {
            Types.NestedField field = spec.schema().findField(name);
            if (field == null) {
                throw new TransformException(
                        TransformError.PARTITION_UNFIT,
                        "%s is to be partitioned by '%s', which is none of its columns: %s"
                                .formatted(
                                        spec.name(),
                                        name,
                                        spec.schema().columns().stream()
                                                .map(Types.NestedField::name)
                                                .toList()));
            }
            if (!PartitionValues.supports(field.type())) {
                throw new TransformException(
                        TransformError.PARTITION_UNFIT,
                        "%s is to be partitioned by '%s', whose type is %s".formatted(spec.name(), name, field.type()));
            }
        }
    }
}
