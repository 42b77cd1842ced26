package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.TableShape;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Values of the binary log as values of the lake's types (Iceberg's generic Java representations).
final class BinlogValues {
    private static final int UUID_BYTES = 16;

    /// By the server's name of the character set, where Java's differs.
    private static final Map<String, String> CHARSETS = Map.ofEntries(
            Map.entry("utf8mb4", "UTF-8"),
            Map.entry("utf8mb3", "UTF-8"),
            Map.entry("utf8", "UTF-8"),
            Map.entry("ascii", "US-ASCII"),
            Map.entry("latin1", "windows-1252"),
            Map.entry("latin2", "ISO-8859-2"),
            Map.entry("latin5", "ISO-8859-9"),
            Map.entry("latin7", "ISO-8859-13"),
            Map.entry("greek", "ISO-8859-7"),
            Map.entry("hebrew", "ISO-8859-8"),
            Map.entry("ucs2", "UTF-16BE"),
            Map.entry("utf16", "UTF-16BE"),
            Map.entry("utf16le", "UTF-16LE"),
            Map.entry("utf32", "UTF-32BE"),
            Map.entry("cp1250", "windows-1250"),
            Map.entry("cp1251", "windows-1251"),
            Map.entry("cp1256", "windows-1256"),
            Map.entry("cp1257", "windows-1257"),
            Map.entry("cp850", "IBM850"),
            Map.entry("cp852", "IBM852"),
            Map.entry("cp866", "IBM866"),
            Map.entry("cp932", "windows-31j"),
            Map.entry("sjis", "Shift_JIS"),
            Map.entry("ujis", "EUC-JP"),
            Map.entry("euckr", "EUC-KR"),
            Map.entry("gbk", "GBK"),
            Map.entry("gb2312", "GB2312"),
            Map.entry("gb18030", "GB18030"),
            Map.entry("big5", "Big5"),
            Map.entry("koi8r", "KOI8-R"),
            Map.entry("koi8u", "KOI8-U"),
            Map.entry("tis620", "TIS-620"));

    private final Map<Integer, String> collations;
    private final RuledValues rules;

    /// @param collations names of the character sets by collation
    /// @param rules of the table's columns
    BinlogValues(Map<Integer, String> collations, RuledValues rules) {
        this.collations = Map.copyOf(collations);
        this.rules = rules;
    }

    /// A value under the column's rule.
    ///
    /// @param plain the column without its rule
    @Nullable
    Object ruled(
            @Nullable Serializable value,
            BinlogLayout.Column column,
            TableShape.Column shape,
            TableShape.Column plain) {
        Object converted = convert(value, column, plain);
        return shape.rule() == null ? converted : rules.text(BinlogColumns.canonical(converted), shape.rule());
    }

    /// @throws IllegalArgumentException where the value does not fit the type, with a message that does not name the
    ///     value; nothing is rounded or cut
    @Nullable
    Object convert(@Nullable Serializable value, BinlogLayout.Column column, TableShape.Column shape) {
        if (value == null) {
            return null;
        }
        Type type = shape.type();
        return switch (type.typeId()) {
            case BOOLEAN ->
                value instanceof BitSet bits
                        ? (Object) bits.get(0)
                        : number(value, column).signum() != 0;
            case INTEGER -> number(value, column).intValueExact();
            case LONG -> number(value, column).longValueExact();
            case DECIMAL ->
                BinlogText.decimal(
                        value instanceof BigDecimal decimal ? decimal : new BigDecimal(number(value, column)),
                        (Types.DecimalType) type);
            case FLOAT -> ((Number) value).floatValue();
            case DOUBLE -> ((Number) value).doubleValue();
            case DATE, TIMESTAMP -> BinlogText.value((String) value, type);
            case UUID -> uuid((byte[]) value);
            case BINARY -> ByteBuffer.wrap(padded((byte[]) value, column));
            case STRING -> string(value, column, shape);
            default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    }

    /// A value for people, whether the lake can hold it or not.
    @Nullable
    String text(@Nullable Serializable value, BinlogLayout.Column column, TableShape.Column shape) {
        if (shape.rule() != null) {
            return value == null ? null : RuledValues.MASK;
        }
        try {
            Object converted = convert(value, column, shape);
            return converted instanceof ByteBuffer buffer
                    ? "\\x" + HexFormat.of().formatHex(buffer.array())
                    : converted == null ? null : converted.toString();
        } catch (IllegalArgumentException | ClassCastException | ArithmeticException _) {
            return value instanceof byte[] bytes ? "\\x" + HexFormat.of().formatHex(bytes) : String.valueOf(value);
        }
    }

    private static BigInteger number(Serializable value, BinlogLayout.Column column) {
        if (value instanceof BitSet bits) {
            byte[] littleEndian = bits.toByteArray();
            BigInteger number = BigInteger.ZERO;
            for (int i = littleEndian.length - 1; i >= 0; i--) {
                number = number.shiftLeft(8).or(BigInteger.valueOf(littleEndian[i] & 0xff));
            }
            return number;
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toBigIntegerExact();
        }
        long number = ((Number) value).longValue();
        if (!column.unsigned() || number >= 0) {
            return BigInteger.valueOf(number);
        }
        return switch (column.type()) {
            case TINY -> BigInteger.valueOf(number & 0xff);
            case SHORT -> BigInteger.valueOf(number & 0xffff);
            case INT24 -> BigInteger.valueOf(number & 0xff_ffff);
            case LONG -> BigInteger.valueOf(number & 0xffff_ffffL);
            default -> new BigInteger(Long.toUnsignedString(number));
        };
    }

    /// The log leaves out the zero bytes at the end of a BINARY.
    private static byte[] padded(byte[] bytes, BinlogLayout.Column column) {
        return column.type() == ColumnType.STRING && bytes.length < column.length()
                ? Arrays.copyOf(bytes, column.length())
                : bytes;
    }

    private String string(Serializable value, BinlogLayout.Column column, TableShape.Column shape) {
        return switch (column.type()) {
            case ENUM -> label(((Number) value).intValue(), column.labels());
            case SET -> labels(((Number) value).longValue(), column.labels());
            case JSON -> MySqlJsonText.of((byte[]) value);
            default ->
                switch (shape.postgresType()) {
                    case "inet4" -> InetText.inet4(Arrays.copyOf((byte[]) value, 4));
                    case "inet6" -> InetText.inet6(Arrays.copyOf((byte[]) value, 16));
                    default -> value instanceof byte[] bytes ? decoded(bytes, column) : plain(value);
                };
        };
    }

    private static String plain(Serializable value) {
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }

    /// Number 0 is the empty text that the server keeps for a value that the enum does not have.
    private static String label(int number, List<String> labels) {
        return number == 0 ? "" : labels.get(number - 1);
    }

    private static String labels(long bits, List<String> labels) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if ((bits >> i & 1) != 0) {
                chosen.add(labels.get(i));
            }
        }
        return String.join(",", chosen);
    }

    boolean isUtf8(BinlogLayout.Column column) {
        return collations.getOrDefault(column.collation(), "").startsWith("utf8");
    }

    private String decoded(byte[] bytes, BinlogLayout.Column column) {
        String name = collations.get(column.collation());
        if (name == null) {
            throw new IllegalArgumentException("The server does not say what collation " + column.collation() + " is");
        }
        Charset charset = name.equals("utf8mb4") ? StandardCharsets.UTF_8 : charset(name);
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("The bytes are no text of character set " + name, e);
        }
    }

    private static Charset charset(String name) {
        String java = CHARSETS.get(name);
        if (java == null || !Charset.isSupported(java)) {
            throw new IllegalArgumentException("Character set " + name + " is not supported");
        }
        return Charset.forName(java);
    }

    private static UUID uuid(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(Arrays.copyOf(stored, UUID_BYTES));
        return new UUID(bytes.getLong(), bytes.getLong());
    }
}
