package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import io.levada.definition.BinlogSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A table's columns as the binary log describes them at the place where their rows stand (`binlog_row_metadata=FULL`).
///
/// @param columns in the rows' order
record BinlogLayout(List<Column> columns) {
    private static final int BINARY_COLLATION = 63;

    /// @param type the log's type; of an enum or set that, not the string type that carries it
    /// @param meta the type's own description
    /// @param collation of text; 63 for bytes; 0 where the column has none
    /// @param labels of an enum or set
    public record Column(String name, ColumnType type, int meta, boolean unsigned, int collation, List<String> labels) {
        /// Whether the labels may be read wrongly: the client takes them for UTF-8, and the log has them in the
        /// column's character set.
        boolean labelsAreForeign() {
            return labels.stream().anyMatch(label -> label.chars().anyMatch(c -> c > 0x7f));
        }

        Column labelled(List<String> right) {
            return new Column(name, type, meta, unsigned, collation, right);
        }

        boolean binary() {
            return collation == BINARY_COLLATION;
        }

        /// Bytes that a column of type CHAR or BINARY has room for.
        int length() {
            int high = meta >> 8;
            return meta < 256 || (high & 0x30) == 0x30 ? meta & 0xff : meta & 0xff | ((high & 0x30) ^ 0x30) << 4;
        }
    }

    BinlogLayout {
        columns = List.copyOf(columns);
    }

    /// @param product whose log it is: MariaDB's counts geometries, which it keeps as blobs, among the columns with a
    /// character set, and MySQL's does not
    /// @throws IllegalStateException where the log does not describe the columns
    static BinlogLayout of(TableMapEventData table, BinlogSource.Product product) {
        TableMapEventMetadata metadata = table.getEventMetadata();
        if (metadata == null || metadata.getColumnNames() == null) {
            throw new IllegalStateException("The log does not name the columns of " + table.getDatabase() + "."
                    + table.getTable() + ": binlog_row_metadata was not FULL");
        }
        ColumnType[] types = types(table);
        BitSet unsigned = metadata.getSignedness() == null ? new BitSet() : metadata.getSignedness();
        int[] collations = new int[types.length];
        boolean geometries = product == BinlogSource.Product.MARIADB;
        fill(
                collations,
                types,
                type -> isText(type) || geometries && type == ColumnType.GEOMETRY,
                metadata.getDefaultCharset(),
                metadata.getColumnCharsets());
        fill(
                collations,
                types,
                BinlogLayout::isLabelled,
                metadata.getEnumAndSetDefaultCharset(),
                metadata.getEnumAndSetColumnCharsets());
        Iterator<String[]> enums = iterator(metadata.getEnumStrValues());
        Iterator<String[]> sets = iterator(metadata.getSetStrValues());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            List<String> labels = switch (types[i]) {
                case ENUM -> Arrays.asList(enums.next());
                case SET -> Arrays.asList(sets.next());
                default -> List.of();
            };
            columns.add(new Column(
                    metadata.getColumnNames().get(i),
                    types[i],
                    table.getColumnMetadata()[i],
                    unsigned.get(i),
                    collations[i],
                    labels));
        }
        return new BinlogLayout(columns);
    }

    private static ColumnType[] types(TableMapEventData table) {
        byte[] codes = table.getColumnTypes();
        ColumnType[] types = new ColumnType[codes.length];
        for (int i = 0; i < codes.length; i++) {
            ColumnType type = ColumnType.byCode(codes[i] & 0xff);
            int carried = table.getColumnMetadata()[i] >> 8;
            types[i] = type == ColumnType.STRING
                            && (carried == ColumnType.ENUM.getCode() || carried == ColumnType.SET.getCode())
                    ? ColumnType.byCode(carried)
                    : type;
        }
        return types;
    }

    private static void fill(
            int[] collations,
            ColumnType[] types,
            Predicate<ColumnType> counted,
            TableMapEventMetadata.@Nullable DefaultCharset common,
            @Nullable List<Integer> each) {
        int index = 0;
        for (int i = 0; i < types.length; i++) {
            if (counted.test(types[i])) {
                if (each != null) {
                    collations[i] = each.get(index);
                } else if (common != null) {
                    Map<Integer, Integer> others = common.getCharsetCollations();
                    Integer other = others == null ? null : others.get(index);
                    collations[i] = other == null ? common.getDefaultCharsetCollation() : other;
                }
                index++;
            }
        }
    }

    private static boolean isLabelled(ColumnType type) {
        return type == ColumnType.ENUM || type == ColumnType.SET;
    }

    private static boolean isText(ColumnType type) {
        return switch (type) {
            case STRING, VARCHAR, VAR_STRING, BLOB, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB -> true;
            default -> false;
        };
    }

    private static Iterator<String[]> iterator(@Nullable List<String[]> values) {
        return values == null ? List.<String[]>of().iterator() : values.iterator();
    }

    List<String> names() {
        return columns.stream().map(Column::name).toList();
    }
}
