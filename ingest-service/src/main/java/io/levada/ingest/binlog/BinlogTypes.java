package io.levada.ingest.binlog;

import io.levada.ingest.capture.TableShape;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// How the types of MariaDB and MySQL stand in the lake. Nothing is lossy: what has no exact counterpart is text as the
/// server writes it.
final class BinlogTypes {
    private static final int MAX_PRECISION = 38;
    private static final int UNSIGNED_BIGINT_DIGITS = 20;
    private static final int LONG_BITS = 63;

    private static final Pattern LABEL = Pattern.compile("'((?:[^']|'')*)'");

    private BinlogTypes() {}

    /// A column's type as capture names it: `int unsigned`, `bit(3)`, `text compressed`, and else
    /// `information_schema`'s `data_type`.
    static String name(String dataType, String columnType) {
        String type = dataType.toLowerCase(Locale.ROOT);
        // MariaDB writes it as a comment behind the type.
        if (columnType.contains("COMPRESSED*/")) {
            return type + " compressed";
        }
        return switch (type) {
            case "tinyint", "smallint", "mediumint", "int", "bigint" ->
                columnType.toLowerCase(Locale.ROOT).contains("unsigned") ? type + " unsigned" : type;
            case "bit" -> columnType.toLowerCase(Locale.ROOT);
            default -> type;
        };
    }

    /// The labels of `enum('a','it''s')`; none where the type is another one.
    static List<String> labels(String columnType) {
        return columnType.startsWith("enum(") || columnType.startsWith("set(")
                ? LABEL.matcher(columnType)
                        .results()
                        .map(label -> label.group(1).replace("''", "'"))
                        .toList()
                : List.of();
    }

    /// @param name as [#name] gives it
    /// @return empty where the type is not supported
    static Optional<Type> lakeType(String name, int precision, int scale) {
        return switch (name) {
            case "tinyint",
                    "tinyint unsigned",
                    "smallint",
                    "smallint unsigned",
                    "mediumint",
                    "mediumint unsigned",
                    "int",
                    "year" -> Optional.of(Types.IntegerType.get());
            case "int unsigned", "bigint" -> Optional.of(Types.LongType.get());
            case "bigint unsigned" -> Optional.of(Types.DecimalType.of(UNSIGNED_BIGINT_DIGITS, 0));
            case "float" -> Optional.of(Types.FloatType.get());
            case "double" -> Optional.of(Types.DoubleType.get());
            case "decimal" ->
                Optional.of(
                        precision <= MAX_PRECISION ? Types.DecimalType.of(precision, scale) : Types.StringType.get());
            case "date" -> Optional.of(Types.DateType.get());
            case "datetime" -> Optional.of(Types.TimestampType.withoutZone());
            case "timestamp" -> Optional.of(Types.TimestampType.withZone());
            // Up to 838 hours, and negative: no time of day.
            case "time" -> Optional.of(Types.StringType.get());
            case "char",
                    "varchar",
                    "tinytext",
                    "text",
                    "mediumtext",
                    "longtext",
                    "enum",
                    "set",
                    "json",
                    "inet6",
                    "inet4" -> Optional.of(Types.StringType.get());
            case "uuid" -> Optional.of(Types.UUIDType.get());
            case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" ->
                Optional.of(Types.BinaryType.get());
            // As the server keeps it: the number of the reference system in four bytes, then WKB.
            case "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geometrycollection",
                    "geomcollection" -> Optional.of(Types.BinaryType.get());
            default -> name.startsWith("bit(") ? Optional.of(bits(bitCount(name))) : Optional.empty();
        };
    }

    /// A column that the log describes and the table does not have any more.
    static Optional<TableShape.Column> ofLog(BinlogLayout.Column column) {
        String unsigned = column.unsigned() ? " unsigned" : "";
        String name = switch (column.type()) {
            case TINY -> "tinyint" + unsigned;
            case SHORT -> "smallint" + unsigned;
            case INT24 -> "mediumint" + unsigned;
            case LONG -> "int" + unsigned;
            case LONGLONG -> "bigint" + unsigned;
            case FLOAT -> "float";
            case DOUBLE -> "double";
            case NEWDECIMAL -> "decimal";
            case YEAR -> "year";
            case DATE -> "date";
            case TIME, TIME_V2 -> "time";
            case DATETIME, DATETIME_V2 -> "datetime";
            case TIMESTAMP, TIMESTAMP_V2 -> "timestamp";
            case BIT -> "bit(" + ((column.meta() >> 8) * 8 + (column.meta() & 0xff)) + ")";
            case ENUM -> "enum";
            case SET -> "set";
            case JSON -> "json";
            case STRING, VARCHAR, VAR_STRING, BLOB -> column.binary() ? "blob" : "text";
            case GEOMETRY -> "geometry";
            default -> "";
        };
        return lakeType(name, column.meta() & 0xff, column.meta() >> 8)
                .map(type -> new TableShape.Column(column.name(), name, type));
    }

    private static int bitCount(String name) {
        return Integer.parseInt(name, "bit(".length(), name.length() - 1, 10);
    }

    private static Type bits(int count) {
        if (count == 1) {
            return Types.BooleanType.get();
        }
        return count <= LONG_BITS ? Types.LongType.get() : Types.DecimalType.of(UNSIGNED_BIGINT_DIGITS, 0);
    }

    /// SQL that reads a column as the text that [BinlogText] takes, or as bytes where the lake's type is binary.
    static String expression(TableShape.Column column) {
        String name = BinlogServer.quoted(column.name());
        return switch (column.type().typeId()) {
            case BINARY -> name;
            // A FLOAT by itself is written with six digits.
            case FLOAT -> "(" + name + " + 0E0)";
            case BOOLEAN -> "(" + name + " + 0)";
            case LONG, DECIMAL -> column.postgresType().startsWith("bit(") ? "(" + name + " + 0)" : name;
            default -> "CAST(" + name + " AS CHAR)";
        };
    }
}
