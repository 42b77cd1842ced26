package io.levada.ingest.binlog;

import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.TableShape;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// How a load reads the columns of a table, and the text to which rules are applied in load and log alike.
final class BinlogColumns {
    private BinlogColumns() {}

    static QueryCopy.Column read(TableShape.Column column, BinlogChecks.Described described, RuledValues rules) {
        if (column.rule() == null) {
            return new QueryCopy.Column(
                    column.name(), BinlogTypes.expression(column), (text, _) -> value(text, column), text -> text);
        }
        TableShape.Column plain = Objects.requireNonNull(described.unruled().get(column.name()));
        boolean binary = plain.type().typeId() == Type.TypeID.BINARY;
        String expression = binary ? "HEX(" + BinlogServer.quoted(column.name()) + ")" : BinlogTypes.expression(plain);
        return new QueryCopy.Column(
                column.name(),
                expression,
                (text, _) -> rules.text(binary ? hex(text) : canonical(value(text, plain)), column.rule()),
                text -> text == null ? null : RuledValues.MASK);
    }

    private static @Nullable Object value(@Nullable String text, TableShape.Column column) {
        boolean longDecimal = column.type().typeId() == Type.TypeID.STRING
                && column.postgresType().equals("decimal");
        // With ZEROFILL the server writes zeros that the log does not have.
        return text != null && longDecimal
                ? new BigDecimal(text).toPlainString()
                : BinlogText.value(text, column.type());
    }

    private static @Nullable String hex(@Nullable String digits) {
        return digits == null ? null : "\\x" + digits.toLowerCase(Locale.ROOT);
    }

    /// One text for a value of the lake, whether it was loaded or streamed.
    static @Nullable String canonical(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case BigDecimal number -> number.toPlainString();
            case ByteBuffer bytes -> "\\x" + HexFormat.of().formatHex(bytes.array());
            default -> value.toString();
        };
    }
}
