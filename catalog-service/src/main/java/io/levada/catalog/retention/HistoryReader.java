package io.levada.catalog.retention;

import io.levada.catalog.erasure.TableReader;
import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/// Finds the superseded rows of a table: some files at a time are read for the few columns that matter, and what these
/// extracts say together is written down, so that files can be asked which of their rows go.
final class HistoryReader {
    /// What is on local disk at a time of a table in a bucket.
    private static final long BATCH_BYTES = 256L << 20;

    private static final int BATCH_FILES = 64;

    /// Keeping the order of rows takes memory that grows with them.
    private static final String FORM = "FORMAT parquet, PRESERVE_ORDER false";

    private final TableReader reader;
    private final Path folder;

    /// @param reader whose engine may read and write the folder
    /// @param folder for extracts; what is in it belongs to nobody
    HistoryReader(TableReader reader, Path folder) {
        this.reader = reader;
        this.folder = folder;
    }

    /// The place of `ingestion_date` in a partition; -1 where the table is not partitioned by it alone.
    static int datePosition(PartitionSpec spec) {
        for (int i = 0; i < spec.fields().size(); i++) {
            if (spec.fields().get(i).transform().isIdentity()
                    && RawColumns.INGESTION_DATE.equals(
                            spec.schema().findColumnName(spec.fields().get(i).sourceId()))) {
                return i;
            }
        }
        return -1;
    }

    static boolean hasBefore(BaseTable table, String name, Expression before) {
        return !TableReader.files(table, name, before).isEmpty();
    }

    /// What an extract is taken from: files never change.
    record Source(List<String> key, List<String> locations) {}

    /// Files that are read together.
    ///
    /// @param old whether they are over the bound
    private record Batch(List<DataFile> files, boolean old) {
        List<String> locations() {
            return files.stream().map(DataFile::location).toList();
        }
    }

    /// Which rows of which files go.
    ///
    /// @param predicates by file; those without are not known to have any
    record Superseded(Map<String, String> predicates) {
        boolean isEmpty() {
            return predicates.isEmpty();
        }

        Optional<String> rowsOf(DataFile file) {
            return Optional.ofNullable(predicates.get(file.location()));
        }
    }

    /// Begins in a folder of its own; whatever a crash has left of others' goes.
    Workplace open() {
        try {
            if (Files.exists(folder)) {
                delete(folder);
            }
            return new Workplace(
                    Files.createDirectories(folder.resolve(UUID.randomUUID().toString())));
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " can not be made", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// What is read for one table.
    final class Workplace implements AutoCloseable {
        private final Path place;
        private int written;

        Workplace(Path place) {
            this.place = place;
        }

        /// @param cutoff rows that landed before it may go
        /// @param extracts that were taken before in this place; takes new ones
        Superseded read(
                BaseTable table, String name, SupersededRows rows, LocalDate cutoff, Map<Source, Path> extracts) {
            List<Batch> batches = batches(table, name, cutoff);
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < batches.size(); i++) {
                Batch batch = batches.get(i);
                Path extract = extracts.computeIfAbsent(
                        new Source(rows.key(), batch.locations()), _ -> extract(table, name, rows, batch.files()));
                parts.add("SELECT *, %d AS batch, %s AS old_rows FROM read_parquet(%s)"
                        .formatted(i, batch.old(), LakeSession.literal(extract.toString())));
            }
            Path gone = next("gone");
            reader.execute(
                    table,
                    name,
                    List.of(),
                    "COPY (SELECT op AS gone_op, pos AS gone_pos, load AS gone_load, %s, batch AS gone_batch FROM (%s) ORDER BY batch) TO %s (%s)"
                            .formatted(
                                    each(rows, i -> "k" + i + " AS gone_k" + i),
                                    rows.select("(" + String.join(" UNION ALL ", parts) + ")", "old_rows"),
                                    LakeSession.literal(gone.toString()),
                                    FORM));
            Map<String, String> predicates = new HashMap<>();
            reader.query(
                    table,
                    name,
                    List.of(),
                    "SELECT DISTINCT gone_batch FROM read_parquet(%s)".formatted(LakeSession.literal(gone.toString())),
                    row -> {
                        int batch = row.getInt(1);
                        String predicate = predicate(rows, gone, batch);
                        batches.get(batch).locations().forEach(location -> predicates.put(location, predicate));
                    });
            return new Superseded(predicates);
        }

        private Path extract(BaseTable table, String name, SupersededRows rows, List<DataFile> files) {
            Path target = next("extract");
            reader.execute(
                    table,
                    name,
                    files,
                    "COPY (%s) TO %s (%s)"
                            .formatted(
                                    rows.extract(LakeSession.quotedTable(name), ""),
                                    LakeSession.literal(target.toString()),
                                    FORM));
            return target;
        }

        private Path next(String what) {
            return place.resolve(what + "-" + written++ + ".parquet");
        }

        @Override
        public void close() {
            try {
                delete(place);
            } catch (IOException e) {
                throw new UncheckedIOException("The folder " + place + " can not be deleted", e);
            }
        }
    }

    /// All rows of a table with the same operation, position, load and key have the same fate.
    private static String predicate(SupersededRows rows, Path gone, int batch) {
        return "EXISTS (SELECT 1 FROM read_parquet(%s) g WHERE g.gone_batch = %d AND g.gone_op IS NOT DISTINCT FROM %s AND g.gone_pos IS NOT DISTINCT FROM %s AND g.gone_load IS NOT DISTINCT FROM %s AND %s)"
                .formatted(
                        LakeSession.literal(gone.toString()),
                        batch,
                        LakeSession.quoted(RawColumns.OP),
                        LakeSession.quoted(RawColumns.POS),
                        LakeSession.quoted(RawColumns.LOAD),
                        IntStream.range(0, rows.key().size())
                                .mapToObj(i -> "g.gone_k" + i + " IS NOT DISTINCT FROM "
                                        + LakeSession.quoted(rows.key().get(i)))
                                .collect(Collectors.joining(" AND ")));
    }

    private static String each(SupersededRows rows, IntFunction<String> term) {
        return IntStream.range(0, rows.key().size()).mapToObj(term).collect(Collectors.joining(", "));
    }

    private static List<Batch> batches(BaseTable table, String name, LocalDate cutoff) {
        int date = datePosition(table.spec());
        List<DataFile> files = new ArrayList<>(TableReader.files(table, name, Expressions.alwaysTrue()));
        files.sort(Comparator.comparing(DataFile::location));
        List<Batch> batches = new ArrayList<>();
        for (boolean old : new boolean[] {true, false}) {
            List<DataFile> next = new ArrayList<>();
            long bytes = 0;
            for (DataFile file : files) {
                if (old == isBefore(file, date, cutoff)) {
                    if (next.size() == BATCH_FILES || !next.isEmpty() && bytes + file.fileSizeInBytes() > BATCH_BYTES) {
                        batches.add(new Batch(List.copyOf(next), old));
                        next.clear();
                        bytes = 0;
                    }
                    next.add(file);
                    bytes += file.fileSizeInBytes();
                }
            }
            if (!next.isEmpty()) {
                batches.add(new Batch(List.copyOf(next), old));
            }
        }
        return batches;
    }

    private static boolean isBefore(DataFile file, int date, LocalDate cutoff) {
        Integer day = file.partition().get(date, Integer.class);
        return day != null && day < cutoff.toEpochDay();
    }
}
