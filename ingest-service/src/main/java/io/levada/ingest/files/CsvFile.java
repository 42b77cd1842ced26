package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A CSV file whose header was read: its column names, and its records from the first after the header.
///
/// Gzip is told by its first bytes, the delimiter by the header line.
final class CsvFile implements AutoCloseable {
    private static final int HEAD_BYTES = 64 * 1024;
    private static final byte[] DELIMITERS = {',', ';', '\t', '|'};
    private static final Set<String> EXTENSIONS = Set.of("csv", "tsv", "psv", "txt");
    private static final Set<String> RESERVED =
            RawColumns.ALL.stream().map(CsvFile::fold).collect(Collectors.toUnmodifiableSet());

    private final List<String> header;
    private final CsvRecords records;

    /// What a file turned out to be.
    sealed interface Opened {}

    /// A CSV file with a header that can be taken.
    record Readable(CsvFile file) implements Opened {}

    /// A file without a single record, not even a header.
    record Blank() implements Opened {}

    /// A file that can not be taken at all.
    record Rejected(IngestError error, String reason) implements Opened {}

    private CsvFile(List<String> header, CsvRecords records) {
        this.header = header;
        this.records = records;
    }

    /// Opens a file and reads its header.
    ///
    /// @param name the file's name as it arrived
    /// @throws IOException where the disk fails; content never makes it throw
    static Opened open(Path path, String name, int maxRecordBytes) throws IOException {
        String extension = extension(name);
        if (!extension.isEmpty() && !EXTENSIONS.contains(extension)) {
            return notCsv("its name ends in ." + extension + "; expected .csv, .tsv, .psv or .txt, also with .gz");
        }
        InputStream in = Files.newInputStream(path);
        Opened opened = null;
        try {
            opened = read(in, maxRecordBytes);
        } catch (IOException e) {
            if (!damaged(e)) {
                throw e;
            }
            opened = notCsv("its gzip stream is damaged");
        } finally {
            if (!(opened instanceof Readable)) {
                in.close();
            }
        }
        return opened;
    }

    private static Opened read(InputStream file, int maxRecordBytes) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(file, HEAD_BYTES);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        InputStream content = gzip ? new GZIPInputStream(buffered, HEAD_BYTES) : buffered;
        byte[] head = content.readNBytes(HEAD_BYTES);
        for (byte b : head) {
            if (b == 0) {
                return notCsv("it holds NUL bytes");
            }
        }
        byte[] text = startsWithMark(head) ? Arrays.copyOfRange(head, 3, head.length) : head;
        CsvRecords records = new CsvRecords(text, content, delimiter(text), maxRecordBytes);
        if (!records.next()) {
            return new Blank();
        }
        if (records.flaw() != CsvRecords.Flaw.NONE) {
            return notCsv("its header line can not be read: " + records.flaw());
        }
        return withHeader(records);
    }

    private static Opened withHeader(CsvRecords records) {
        List<String> names = new ArrayList<>();
        for (int field = 0; field < records.fields(); field++) {
            records.select(field);
            String name = StrictUtf8.decode(records.bytes(), records.from(), records.to());
            if (name == null) {
                return notCsv("its header line is not UTF-8");
            }
            if (name.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f)) {
                return notCsv("its header line holds control characters");
            }
            names.add(name.strip());
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.isEmpty()) {
                return new Rejected(IngestError.FILES_BAD_HEADER, "column " + (i + 1) + " of its header has no name");
            }
            if (!seen.add(fold(name))) {
                return new Rejected(
                        IngestError.FILES_BAD_HEADER,
                        "its header names column '" + name + "' twice; upper and lower case count as the same");
            }
            if (RESERVED.contains(fold(name))) {
                return new Rejected(
                        IngestError.FILES_RESERVED_COLUMN,
                        "its header names column '" + name + "', which Levada adds itself");
            }
        }
        return new Readable(new CsvFile(List.copyOf(names), records));
    }

    private static Rejected notCsv(String reason) {
        return new Rejected(IngestError.FILES_NOT_CSV, reason);
    }

    private static boolean startsWithMark(byte[] head) {
        return head.length >= 3 && head[0] == (byte) 0xef && head[1] == (byte) 0xbb && head[2] == (byte) 0xbf;
    }

    /// The candidate that stands most often outside quotes in the first line that is not blank.
    private static byte delimiter(byte[] text) {
        int[] counts = new int[DELIMITERS.length];
        boolean inQuotes = false;
        boolean any = false;
        for (byte b : text) {
            if (b == '"') {
                inQuotes = !inQuotes;
                any = true;
            } else if (!inQuotes && (b == '\n' || b == '\r')) {
                if (any) {
                    break;
                }
            } else if (!inQuotes) {
                any = true;
                for (int d = 0; d < DELIMITERS.length; d++) {
                    counts[d] += b == DELIMITERS[d] ? 1 : 0;
                }
            }
        }
        int best = 0;
        for (int d = 1; d < DELIMITERS.length; d++) {
            best = counts[d] > counts[best] ? d : best;
        }
        return DELIMITERS[best];
    }

    private static String extension(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        String plain = fold(name).endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        int dot = plain.lastIndexOf('.');
        return dot < 0 ? "" : fold(plain.substring(dot + 1));
    }

    /// Whether reading failed because of what the file holds, not because of the disk.
    static boolean damaged(@Nullable Throwable error) {
        return error instanceof ZipException || error instanceof EOFException;
    }

    /// The form in which column names are compared.
    static String fold(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    List<String> header() {
        return header;
    }

    /// The records after the header; closed with this.
    CsvRecords records() {
        return records;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
