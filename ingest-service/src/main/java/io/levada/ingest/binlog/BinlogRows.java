package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.DeleteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.TableMapEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.UpdateRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.WriteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.levada.ingest.capture.CapturePosition;
import java.io.IOException;
import java.io.Serializable;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decodes the rows of the binary log.
///
/// The client's own reading of dates and times knows neither zero dates nor negative times, and keeps milliseconds
/// only: here each is text as the server writes it, with six digits of the second where it has a fraction. Text is
/// left in bytes, since the column says its character set.
final class BinlogRows {
    private BinlogRows() {}

    static EventDeserializer deserializer() {
        EventDeserializer deserializer = new RememberingDeserializer();
        deserializer.setCompatibilityMode(EventDeserializer.CompatibilityMode.CHAR_AND_BINARY_AS_BYTE_ARRAY);
        return deserializer;
    }

    /// Knows the table maps, so that the row decoders can be replaced.
    private static final class RememberingDeserializer extends EventDeserializer {
        private final @Nullable Maps maps;

        RememberingDeserializer() {
            Map<Long, TableMapEventData> tables = new HashMap<>();
            maps = new Maps(tables);
            setEventDataDeserializer(
                    EventType.ROTATE,
                    new com.github.shyiko.mysql.binlog.event.deserialization.RotateEventDataDeserializer());
            setEventDataDeserializer(EventType.WRITE_ROWS, new Writes(tables));
            setEventDataDeserializer(EventType.UPDATE_ROWS, new Updates(tables));
            setEventDataDeserializer(EventType.DELETE_ROWS, new Deletes(tables));
            setEventDataDeserializer(EventType.EXT_WRITE_ROWS, new Writes(tables).setMayContainExtraInformation(true));
            setEventDataDeserializer(
                    EventType.EXT_UPDATE_ROWS, new Updates(tables).setMayContainExtraInformation(true));
            setEventDataDeserializer(
                    EventType.EXT_DELETE_ROWS, new Deletes(tables).setMayContainExtraInformation(true));
        }

        /// Not set as the others are: the client would read each map with its own class as well.
        @Override
        public EventDataDeserializer<?> getEventDataDeserializer(EventType type) {
            return type == EventType.TABLE_MAP && maps != null ? maps : super.getEventDataDeserializer(type);
        }
    }

    /// Whether the client knows the types of all columns. It does not know those of MariaDB's compressed columns, and
    /// the log has every table of the server, captured or not.
    static boolean isReadable(TableMapEventData table) {
        for (byte code : table.getColumnTypes()) {
            if (ColumnType.byCode(code & 0xff) == null) {
                return false;
            }
        }
        return true;
    }

    private static final class Maps extends TableMapEventDataDeserializer {
        private final Map<Long, TableMapEventData> tables;

        Maps(Map<Long, TableMapEventData> tables) {
            this.tables = tables;
        }

        @Override
        public TableMapEventData deserialize(ByteArrayInputStream in) throws IOException {
            byte[] bytes = in.read(in.available());
            TableMapEventData named = named(new ByteArrayInputStream(bytes));
            TableMapEventData table = isReadable(named) ? super.deserialize(new ByteArrayInputStream(bytes)) : named;
            tables.put(table.getTableId(), table);
            return table;
        }

        /// The table's name and its columns' types only.
        private static TableMapEventData named(ByteArrayInputStream in) throws IOException {
            TableMapEventData table = new TableMapEventData();
            table.setTableId(in.readLong(6));
            in.skip(3);
            table.setDatabase(in.readZeroTerminatedString());
            in.skip(1);
            table.setTable(in.readZeroTerminatedString());
            table.setColumnTypes(in.read(in.readPackedInteger()));
            return table;
        }
    }

    /// Passes over the rows of a table that is not readable, which nobody captures.
    private static boolean passesOver(Map<Long, TableMapEventData> tables, long table, ByteArrayInputStream in)
            throws IOException {
        TableMapEventData described = tables.get(table);
        if (described == null || described.getColumnMetadata() != null) {
            return false;
        }
        in.read(in.available());
        return true;
    }

    private static final class Writes extends WriteRowsEventDataDeserializer {
        private final Map<Long, TableMapEventData> tables;

        Writes(Map<Long, TableMapEventData> tables) {
            super(tables);
            this.tables = tables;
        }

        @Override
        protected Serializable[] deserializeRow(long table, BitSet columns, ByteArrayInputStream in)
                throws IOException {
            return passesOver(tables, table, in) ? new Serializable[0] : super.deserializeRow(table, columns, in);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return isTemporal(type) ? temporal(type, meta, in) : super.deserializeCell(type, meta, length, in);
        }
    }

    private static final class Updates extends UpdateRowsEventDataDeserializer {
        private final Map<Long, TableMapEventData> tables;

        Updates(Map<Long, TableMapEventData> tables) {
            super(tables);
            this.tables = tables;
        }

        @Override
        protected Serializable[] deserializeRow(long table, BitSet columns, ByteArrayInputStream in)
                throws IOException {
            return passesOver(tables, table, in) ? new Serializable[0] : super.deserializeRow(table, columns, in);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return isTemporal(type) ? temporal(type, meta, in) : super.deserializeCell(type, meta, length, in);
        }
    }

    private static final class Deletes extends DeleteRowsEventDataDeserializer {
        private final Map<Long, TableMapEventData> tables;

        Deletes(Map<Long, TableMapEventData> tables) {
            super(tables);
            this.tables = tables;
        }

        @Override
        protected Serializable[] deserializeRow(long table, BitSet columns, ByteArrayInputStream in)
                throws IOException {
            return passesOver(tables, table, in) ? new Serializable[0] : super.deserializeRow(table, columns, in);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return isTemporal(type) ? temporal(type, meta, in) : super.deserializeCell(type, meta, length, in);
        }
    }

    private static boolean isTemporal(ColumnType type) {
        return switch (type) {
            case DATE, TIME, TIME_V2, DATETIME, DATETIME_V2, TIMESTAMP, TIMESTAMP_V2, YEAR -> true;
            default -> false;
        };
    }

    /// See "Date and Time Data Type Representation" in MySQL's internals manual.
    private static Serializable temporal(ColumnType type, int meta, ByteArrayInputStream in) throws IOException {
        return switch (type) {
            case YEAR -> year(in.readInteger(1));
            case DATE -> date(in.readInteger(3));
            case TIME_V2 -> time(meta, in);
            case DATETIME_V2 -> datetime(meta, in);
            case TIMESTAMP_V2 -> timestamp(bigEndian(in, 4), meta, in);
            case TIMESTAMP -> timestamp(in.readLong(4), 0, in);
            default ->
                throw new IOException("A column of type " + type + " as servers wrote it before MariaDB 10.1 and MySQL"
                        + " 5.6 can not be read: rebuild its table with ALTER TABLE ... FORCE");
        };
    }

    private static Serializable year(int stored) {
        return stored == 0 ? 0 : 1900 + stored;
    }

    private static String date(int packed) {
        return ymd(packed >> 9, packed >> 5 & 0xf, packed & 0x1f);
    }

    private static String time(int meta, ByteArrayInputStream in) throws IOException {
        int fractionBytes = (meta + 1) / 2;
        // Negative times are stored below the middle, whole and fraction as one number.
        long middle = 1L << (8 * (3 + fractionBytes) - 1);
        long stored = bigEndian(in, 3 + fractionBytes) - middle;
        long packed = Math.abs(stored);
        long fraction = packed & (1L << 8 * fractionBytes) - 1;
        long hms = packed >> 8 * fractionBytes;
        return (stored < 0 ? "-" : "")
                + two(hms >> 12 & 0x3ff)
                + ":" + two(hms >> 6 & 0x3f) + ":" + two(hms & 0x3f)
                + fraction(micros(fraction, fractionBytes), meta);
    }

    private static String datetime(int meta, ByteArrayInputStream in) throws IOException {
        long packed = bigEndian(in, 5) - (1L << 39);
        int yearMonth = (int) (packed >> 22);
        String day = ymd(yearMonth / 13, yearMonth % 13, (int) (packed >> 17 & 0x1f));
        return day + " " + two(packed >> 12 & 0x1f) + ":" + two(packed >> 6 & 0x3f) + ":" + two(packed & 0x3f)
                + fraction(meta, in);
    }

    private static Serializable timestamp(long seconds, int meta, ByteArrayInputStream in) throws IOException {
        String fraction = fraction(meta, in);
        if (seconds == 0) {
            return "0000-00-00 00:00:00" + fraction;
        }
        java.time.LocalDateTime time = java.time.LocalDateTime.ofEpochSecond(seconds, 0, java.time.ZoneOffset.UTC);
        return ymd(time.getYear(), time.getMonthValue(), time.getDayOfMonth()) + " " + two(time.getHour()) + ":"
                + two(time.getMinute()) + ":" + two(time.getSecond()) + fraction;
    }

    private static String fraction(int digits, ByteArrayInputStream in) throws IOException {
        int bytes = (digits + 1) / 2;
        return fraction(bytes == 0 ? 0 : micros(bigEndian(in, bytes), bytes), digits);
    }

    private static long micros(long stored, int bytes) {
        return switch (bytes) {
            case 1 -> stored * 10_000;
            case 2 -> stored * 100;
            default -> stored;
        };
    }

    private static String fraction(long micros, int digits) {
        return digits == 0 ? "" : "." + padded(micros, 6).substring(0, digits);
    }

    private static long bigEndian(ByteArrayInputStream in, int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.read();
        }
        return value;
    }

    private static String ymd(int year, int month, int day) {
        return padded(year, 4) + "-" + two(month) + "-" + two(day);
    }

    private static String two(long number) {
        return padded(number, 2);
    }

    private static String padded(long number, int digits) {
        return CapturePosition.padded(number, digits);
    }
}
