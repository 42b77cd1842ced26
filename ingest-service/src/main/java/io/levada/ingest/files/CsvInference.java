package io.levada.ingest.files;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// Finds what the values of a CSV file's new columns can be, over all of them; those of a large file in both halves at
/// the same time.
///
/// The second half begins with a line, of which only the reader of the first half can tell whether it begins a record.
/// Where it does not, or the second half could not be read, the first reader goes on to the file's end.
final class CsvInference {
    private static final ThreadFactory SECOND_HALF =
            Thread.ofPlatform().name("levada-files-second-half").factory();

    private final CsvFile csv;
    private final @Nullable ColumnInference[] columns;
    private volatile boolean givenUp;

    /// @param columns by their places in the file; null where nothing is to be found
    CsvInference(CsvFile csv, @Nullable ColumnInference[] columns) {
        this.csv = csv;
        this.columns = columns;
    }

    /// Reads all records.
    ///
    /// @param halves whether both halves may be read at the same time
    void run(boolean halves) throws IOException {
        @Nullable TextInference[] texts = texts(columns);
        try (CsvFile later = halves ? csv.secondHalf() : null) {
            if (later == null) {
                rest(texts);
            } else {
                halves(later, texts);
            }
        }
        finish(texts);
    }

    private static @Nullable TextInference[] texts(@Nullable ColumnInference[] columns) {
        @Nullable TextInference[] texts = new TextInference[columns.length];
        for (int i = 0; i < texts.length; i++) {
            ColumnInference column = columns[i];
            texts[i] = column == null ? null : new TextInference(column);
        }
        return texts;
    }

    private static void finish(@Nullable TextInference[] texts) {
        for (TextInference column : texts) {
            if (column != null) {
                column.finish();
            }
        }
    }

    private void rest(@Nullable TextInference[] texts) throws IOException {
        while (csv.next()) {
            take(csv, texts);
        }
    }

    private static void take(CsvFile record, @Nullable TextInference[] texts) {
        if (record.misfit() == null) {
            record.infer(texts);
        }
    }

    private void halves(CsvFile later, @Nullable TextInference[] texts) throws IOException {
        try (ExecutorService second = Executors.newSingleThreadExecutor(SECOND_HALF)) {
            Future<@Nullable ColumnInference[]> work = second.submit(() -> columnsOf(later));
            try {
                firstHalf(later, work, texts);
            } finally {
                givenUp = true;
            }
        }
    }

    private void firstHalf(CsvFile later, Future<@Nullable ColumnInference[]> work, @Nullable TextInference[] texts)
            throws IOException {
        long end = csv.end();
        while (csv.next()) {
            if (csv.start() >= later.offset()) {
                if (end > later.offset() || !added(work)) {
                    givenUp = true;
                    take(csv, texts);
                    rest(texts);
                }
                return;
            }
            take(csv, texts);
            end = csv.end();
        }
    }

    private @Nullable ColumnInference[] columnsOf(CsvFile later) throws IOException {
        @Nullable ColumnInference[] found = new ColumnInference[columns.length];
        for (int i = 0; i < found.length; i++) {
            ColumnInference column = columns[i];
            found[i] = column == null ? null : new ColumnInference(column.kinds());
        }
        @Nullable TextInference[] texts = texts(found);
        while (!givenUp && later.next()) {
            take(later, texts);
        }
        finish(texts);
        return found;
    }

    /// Adds what the second half tells.
    ///
    /// @return false where it could not be read; reading on from where it begins then says why
    private boolean added(Future<@Nullable ColumnInference[]> work) throws IOException {
        try {
            @Nullable ColumnInference[] found = work.get();
            for (int i = 0; i < found.length; i++) {
                ColumnInference column = columns[i];
                ColumnInference other = found[i];
                if (column != null && other != null) {
                    column.add(other);
                }
            }
            return true;
        } catch (ExecutionException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the records of a file are read", e);
        }
    }
}
