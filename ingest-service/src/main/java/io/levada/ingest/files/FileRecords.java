package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The records of one file, in their order. Not safe for use by several threads.
interface FileRecords extends AutoCloseable {
    /// Why a record can not be taken.
    record Misfit(IngestError error, String reason) {}

    /// Names of the cells of a record.
    List<String> columns();

    /// Moves to the next record.
    ///
    /// @return false at the end
    /// @throws RefusedFile where the file can not be taken at all
    boolean next() throws IOException;

    /// The record's ordinal from 1.
    long ordinal();

    /// Null where the record is whole.
    @Nullable
    Misfit misfit();

    /// Reads the cells of a record that is whole.
    ///
    /// @param row which has been begun; where a value does not fit it is left as it is then
    /// @return the first cell whose text holds no value of its type; -1 without such
    int read(RowBatch row);

    /// About how much text the record is.
    int length();

    /// The record as it came, at most `max` bytes of it.
    byte[] raw(int max);

    /// Whether [#raw] can not give all of it.
    boolean longerThan(int max);

    @Override
    void close() throws IOException;
}
