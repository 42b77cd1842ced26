package io.levada.ingest.files;

import io.levada.definition.CsvSettings;
import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A CSV file whose column names are known: from its header, or from the definition. What the definition does not say
/// of its form is told by its first bytes.
final class CsvFile implements FileRecords {
    private static final Set<String> EXTENSIONS = Set.of("csv", "tsv", "psv", "txt");
    private static final Set<String> RESERVED =
            RawColumns.ALL.stream().map(CsvFile::fold).collect(Collectors.toUnmodifiableSet());

    private final List<String> header;
    private final CsvRecords records;
    private final CsvRecords.Dialect dialect;
    private final TextContent content;
    private final int recordsBefore;
    private final byte[] nullText;
    private final int maxRecordBytes;
    private final Path path;

    /// Where in the uncompressed file the records' input begins.
    private final long offset;

    private CsvFile(
            Path path,
            long offset,
            int maxRecordBytes,
            List<String> header,
            CsvRecords records,
            CsvRecords.Dialect dialect,
            TextContent content,
            int recordsBefore,
            byte[] nullText) {
        this.path = path;
        this.offset = offset;
        this.maxRecordBytes = maxRecordBytes;
        this.header = header;
        this.records = records;
        this.dialect = dialect;
        this.content = content;
        this.recordsBefore = recordsBefore;
        this.nullText = nullText;
    }

    /// Opens a file and finds its columns.
    ///
    /// @param name the file's name as it arrived
    /// @return null for a file without a single record, not even a header
    /// @throws RefusedFile where it is no CSV file that can be taken
    static @Nullable CsvFile open(Path path, String name, CsvSettings settings, int maxRecordBytes) throws IOException {
        String extension = PlainContent.extension(name);
        if (!extension.isEmpty() && !EXTENSIONS.contains(extension)) {
            throw notCsv(
                    "its name ends in ." + extension + "; expected .csv, .tsv, .psv or .txt, also with .gz or .zst");
        }
        TextContent content = TextContent.open(path, settings.charset(), IngestError.FILES_NOT_CSV);
        boolean open = false;
        try {
            CsvFile file = read(path, content, settings, maxRecordBytes);
            open = file != null;
            return file;
        } finally {
            if (!open) {
                content.rest().close();
            }
        }
    }

    private static @Nullable CsvFile read(Path path, TextContent content, CsvSettings settings, int maxRecordBytes)
            throws IOException {
        for (byte b : content.head()) {
            if (b == 0) {
                throw notCsv("it holds NUL bytes");
            }
        }
        CsvRecords.Dialect dialect = CsvDetection.dialect(content.head(), settings);
        CsvRecords records = new CsvRecords(content.head(), content.rest(), dialect, maxRecordBytes);
        byte[] nullText =
                settings.nullText() == null ? new byte[0] : settings.nullText().getBytes(StandardCharsets.UTF_8);
        long offset = content.markBytes();
        if (!settings.header()) {
            return new CsvFile(path, offset, maxRecordBytes, settings.names(), records, dialect, content, 0, nullText);
        }
        if (!records.next()) {
            return null;
        }
        if (records.flaw() != CsvRecords.Flaw.NONE) {
            throw notCsv("its header line can not be read: " + records.flaw());
        }
        return new CsvFile(path, offset, maxRecordBytes, header(records), records, dialect, content, 1, nullText);
    }

    /// The same file from the first line on that begins in its second half. Whether a record begins there is
    /// for the caller to see: a line may begin within a field.
    ///
    /// @return null where the bytes of the file are not its text, or it has no such line
    @Nullable
    CsvFile secondHalf() throws IOException {
        if (!content.encoding().equals(StandardCharsets.UTF_8) || !PlainContent.isPlain(path)) {
            return null;
        }
        long from = Files.size(path) / 2;
        InputStream in = new BufferedInputStream(Files.newInputStream(path));
        boolean found = false;
        try {
            in.skipNBytes(from);
            int b = in.read();
            for (from++; b >= 0 && b != '\n'; from++) {
                b = in.read();
            }
            found = b >= 0;
        } finally {
            if (!found) {
                in.close();
            }
        }
        return found
                ? new CsvFile(
                        path,
                        from,
                        maxRecordBytes,
                        header,
                        new CsvRecords(new byte[0], in, dialect, maxRecordBytes),
                        dialect,
                        new TextContent(new byte[0], in, content.encoding(), content.certain(), 0),
                        0,
                        nullText)
                : null;
    }

    /// Where in the uncompressed file the records' input begins.
    long offset() {
        return offset;
    }

    /// Where in the uncompressed file the record begins.
    long start() {
        return offset + records.start();
    }

    /// Up to where the uncompressed file was read.
    long end() {
        return offset + records.end();
    }

    private static List<String> header(CsvRecords records) throws RefusedFile {
        List<String> names = new ArrayList<>();
        for (int field = 0; field < records.fields(); field++) {
            records.select(field);
            String name = StrictUtf8.decode(records.bytes(), records.from(), records.to());
            if (name == null) {
                throw new RefusedFile(
                        IngestError.FILES_BAD_ENCODING,
                        "its header line is not UTF-8; say in `csv: {encoding: ...}` what it is in, such as latin-1");
            }
            if (name.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f)) {
                throw notCsv("its header line holds control characters");
            }
            names.add(name.strip());
        }
        check(names);
        return List.copyOf(names);
    }

    /// @throws RefusedFile where names can not be those of a table's columns
    static void check(List<String> names) throws RefusedFile {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.isEmpty()) {
                throw new RefusedFile(IngestError.FILES_BAD_HEADER, "column " + (i + 1) + " of its header has no name");
            }
            if (!seen.add(fold(name))) {
                throw new RefusedFile(
                        IngestError.FILES_BAD_HEADER,
                        "its header names column '" + name + "' twice; upper and lower case count as the same");
            }
            if (RESERVED.contains(fold(name))) {
                throw new RefusedFile(
                        IngestError.FILES_RESERVED_COLUMN,
                        "its header names column '" + name + "', which Levada adds itself");
            }
        }
    }

    private static RefusedFile notCsv(String reason) {
        return new RefusedFile(IngestError.FILES_NOT_CSV, reason);
    }

    /// The form in which column names are compared.
    static String fold(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// What the file's form was found to be, for people.
    String form() {
        return "delimiter " + (dialect.delimiter() == '\t' ? "tab" : "'" + (char) dialect.delimiter() + "'")
                + ", encoding " + content.encoding();
    }

    @Override
    public List<String> columns() {
        return header;
    }

    @Override
    public boolean next() throws IOException {
        if (!records.next()) {
            return false;
        }
        if (!content.certain() && !records.utf8()) {
            throw new RefusedFile(
                    IngestError.FILES_BAD_ENCODING,
                    "record " + ordinal() + " is not UTF-8; say in `csv: {encoding: ...}` what the file is in, such as "
                            + "latin-1, or utf-8 to put only such records aside");
        }
        return true;
    }

    @Override
    public long ordinal() {
        return records.number() - recordsBefore;
    }

    @Override
    public @Nullable Misfit misfit() {
        return switch (records.flaw()) {
            case NONE -> wholeMisfit();
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
            case NUL -> new Misfit(IngestError.FILES_BAD_VALUE, "the record holds a NUL byte");
        };
    }

    private @Nullable Misfit wholeMisfit() {
        if (records.fields() != header.size()) {
            return new Misfit(
                    IngestError.FILES_FIELD_COUNT,
                    "the record has " + records.fields() + " fields; the header has " + header.size());
        }
        return records.utf8() ? null : new Misfit(IngestError.FILES_BAD_ENCODING, "the record is not UTF-8");
    }

    @Override
    public int read(RowBatch row) {
        for (int field = 0; field < records.fields(); field++) {
            if (!mayHoldValue(field) || isNull()) {
                row.none(field);
            } else if (!row.take(field, records.bytes(), records.from(), records.to())) {
                return field;
            }
        }
        return -1;
    }

    @Override
    public int length() {
        return records.rawLength();
    }

    /// Tells the columns what kinds of values the record's texts can be. An empty field is a text where
    /// another text stands for no value.
    void infer(@Nullable TextInference[] columns) {
        for (int field = 0; field < columns.length; field++) {
            TextInference column = columns[field];
            if (column != null && !column.isSettled() && mayHoldValue(field) && !isNull()) {
                column.take(records.bytes(), records.from(), records.to());
            }
        }
    }

    /// Selects a field. An empty one holds no value, unless another text stands for that.
    private boolean mayHoldValue(int field) {
        records.select(field);
        return records.from() < records.to() || nullText.length > 0;
    }

    /// Whether the selected field is the text that stands for no value.
    private boolean isNull() {
        return nullText.length > 0
                && Arrays.equals(records.bytes(), records.from(), records.to(), nullText, 0, nullText.length);
    }

    @Override
    public byte[] raw(int max) {
        return records.raw(max);
    }

    @Override
    public boolean longerThan(int max) {
        return records.flaw() == CsvRecords.Flaw.TOO_LONG || records.rawLength() > max;
    }

    @Override
    public void close() throws IOException {
        InputStream in = content.rest();
        in.close();
    }
}
