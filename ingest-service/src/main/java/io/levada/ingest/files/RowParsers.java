package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// How the fields of one file become the columns of its table; by index, so that no row looks up a name.
final class RowParsers {
    private final List<String> header;
    private final int[] columns;
    private final ValueParser[] parsers;
    private final String[] typeNames;
    private final int columnCount;

    /// Why a record can not be taken.
    record Misfit(IngestError error, String reason) {}

    private RowParsers(List<String> header, int[] columns, ValueParser[] parsers, String[] typeNames, int columnCount) {
        this.header = header;
        this.columns = columns;
        this.parsers = parsers;
        this.typeNames = typeNames;
        this.columnCount = columnCount;
    }

    static RowParsers of(List<String> header, Table table, FileTable definition) {
        List<Types.NestedField> fields = table.schema().columns();
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            byName.putIfAbsent(CsvFile.fold(fields.get(i).name()), i);
        }
        int[] columns = new int[header.size()];
        ValueParser[] parsers = new ValueParser[header.size()];
        String[] typeNames = new String[header.size()];
        for (int field = 0; field < columns.length; field++) {
            Integer column = byName.get(CsvFile.fold(header.get(field)));
            if (column == null) {
                throw new IllegalStateException(
                        "Table " + table.name() + " has no column '" + header.get(field) + "'; load it anew");
            }
            Types.NestedField target = fields.get(column);
            columns[field] = column;
            typeNames[field] = target.type().toString();
            parsers[field] = ValueParser.of(target.type(), definition.declares(target.name()))
                    .orElse((_, _, _) -> ValueParser.MISFIT);
        }
        return new RowParsers(header, columns, parsers, typeNames, fields.size());
    }

    /// An array for [#parse].
    @Nullable
    Object[] newValues() {
        return new @Nullable Object[columnCount];
    }

    /// Fills `values`, by table column, from the current record.
    ///
    /// @return null where the record fits; otherwise `values` holds no meaning
    @Nullable
    Misfit parse(CsvRecords records, @Nullable Object[] values) {
        if (records.flaw() != CsvRecords.Flaw.NONE || records.fields() != columns.length) {
            return unreadable(records);
        }
        for (int field = 0; field < columns.length; field++) {
            records.select(field);
            int from = records.from();
            int to = records.to();
            Object value = from == to ? null : parsers[field].parse(records.bytes(), from, to);
            if (value == ValueParser.MISFIT || value == ValueParser.NOT_UTF8) {
                return misfit(field, value);
            }
            values[columns[field]] = value;
        }
        return null;
    }

    private Misfit misfit(int field, Object kind) {
        return kind == ValueParser.NOT_UTF8
                ? new Misfit(
                        IngestError.FILES_BAD_ENCODING, "column '" + header.get(field) + "': the text is not UTF-8")
                : new Misfit(
                        IngestError.FILES_BAD_VALUE,
                        "column '" + header.get(field) + "': the value is not a " + typeNames[field]);
    }

    private Misfit unreadable(CsvRecords records) {
        return switch (records.flaw()) {
            case NONE ->
                new Misfit(
                        IngestError.FILES_FIELD_COUNT,
                        "the record has " + records.fields() + " fields; the header has " + columns.length);
            case TEXT_AFTER_QUOTE ->
                new Misfit(
                        IngestError.FILES_BAD_QUOTE,
                        "field " + records.fields() + " or one before it has text after its closing quote");
            case UNTERMINATED_QUOTE ->
                new Misfit(
                        IngestError.FILES_BAD_QUOTE, "a quote is never closed: the record goes to the end of the file");
            case TOO_LONG ->
                new Misfit(
                        IngestError.FILES_RECORD_TOO_LONG,
                        "the record is longer than the limit; a quote may be unclosed");
        };
    }
}
