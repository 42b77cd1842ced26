package io.levada.transform.result;

import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The Iceberg types of DuckDB's, by the names that `DESCRIBE` gives them. Each holds every value of DuckDB's type,
/// but for integers of 128 bits, of which a decimal(38,0) holds those of up to 38 digits; a greater one fails the cast.
///
/// Nested fields have ids from 1; a catalog gives them others.
public final class IcebergTypes {
    private final String text;
    private final String column;
    private int at;
    private int lastId;

    private IcebergTypes(String column, String text) {
        this.column = column;
        this.text = text;
    }

    /// @param column whose type it is, for the message
    /// @param duckDbType such as `DECIMAL(18,2)` or `STRUCT(a INTEGER, "b c" VARCHAR[])`
    /// @throws TransformException `TYPE_UNSUPPORTED` where no Iceberg type holds the values
    public static Type of(String column, String duckDbType) {
        IcebergTypes parser = new IcebergTypes(column, duckDbType);
        Type type = parser.type();
        if (parser.at != duckDbType.length()) {
            throw parser.unsupported("it is not understood after character " + parser.at);
        }
        return type;
    }

    private Type type() {
        String name = word();
        Type type = peek() == '(' ? parameterized(name) : simple(name);
        while (peek() == '[') {
            at = text.indexOf(']', at) + 1;
            type = Types.ListType.ofOptional(++lastId, type);
        }
        return type;
    }

    private Type simple(String name) {
        return switch (name) {
            case "BOOLEAN" -> Types.BooleanType.get();
            case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Types.IntegerType.get();
            case "BIGINT", "UINTEGER" -> Types.LongType.get();
            case "UBIGINT" -> Types.DecimalType.of(20, 0);
            case "HUGEINT", "UHUGEINT" -> Types.DecimalType.of(38, 0);
            case "FLOAT" -> Types.FloatType.get();
            case "DOUBLE" -> Types.DoubleType.get();
            case "VARCHAR", "JSON" -> Types.StringType.get();
            case "BLOB" -> Types.BinaryType.get();
            case "UUID" -> Types.UUIDType.get();
            case "DATE" -> Types.DateType.get();
            case "TIME" -> Types.TimeType.get();
            case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS" -> Types.TimestampType.withoutZone();
            case "TIMESTAMP WITH TIME ZONE" -> Types.TimestampType.withZone();
            case "\"NULL\"" ->
                throw unsupported("it is NULL in every row: give it a type, as in CAST(NULL AS VARCHAR)");
            case "TIMESTAMP_NS" ->
                throw unsupported("it has nanoseconds: cast it to TIMESTAMP, which has microseconds");
            default -> throw unsupported("tables have no such type: cast it, for example to VARCHAR");
        };
    }

    private Type parameterized(String name) {
        return switch (name) {
            case "DECIMAL" -> {
                String[] parts = text.substring(at + 1, text.indexOf(')', at)).split(",");
                at = text.indexOf(')', at) + 1;
                yield Types.DecimalType.of(Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
            }
            case "ENUM" -> {
                skipParentheses();
                yield Types.StringType.get();
            }
            case "STRUCT" -> struct();
            case "MAP" -> {
                expect('(');
                Type key = type();
                expect(',');
                Type value = type();
                expect(')');
                int keyId = ++lastId;
                yield Types.MapType.ofOptional(keyId, ++lastId, key, value);
            }
            default -> throw unsupported("tables have no such type: cast it, for example to VARCHAR");
        };
    }

    private Type struct() {
        List<Types.NestedField> fields = new ArrayList<>();
        do {
            at++;
            skipSpaces();
            String name = fieldName();
            skipSpaces();
            Type type = type();
            fields.add(Types.NestedField.optional(++lastId, name, type));
        } while (peek() == ',');
        expect(')');
        return Types.StructType.of(fields);
    }

    private String fieldName() {
        if (peek() == '"') {
            return quoted().replace("\"\"", "\"");
        }
        int start = at;
        while (peek() != ' ' && peek() != 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted() {
        int start = ++at;
        while (peek() != 0 && (peek() != '"' || next() == '"')) {
            at += peek() == '"' ? 2 : 1;
        }
        return text.substring(start, at++);
    }

    private String word() {
        skipSpaces();
        int start = at;
        while (peek() != 0 && "([,)".indexOf(peek()) < 0) {
            at++;
        }
        return text.substring(start, at).strip();
    }

    private void skipParentheses() {
        boolean literal = false;
        do {
            literal ^= peek() == '\'';
            at++;
        } while (at < text.length() && (literal || peek() != ')'));
        at++;
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw unsupported("it is not understood at character " + at);
        }
        at++;
        skipSpaces();
    }

    private void skipSpaces() {
        while (peek() == ' ') {
            at++;
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char next() {
        return at + 1 < text.length() ? text.charAt(at + 1) : 0;
    }

    private TransformException unsupported(String why) {
        return new TransformException(
                TransformError.TYPE_UNSUPPORTED, "Column '" + column + "' has DuckDB's type " + text + ": " + why);
    }
}
