package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The records of one file, in their order. Not safe for use by several threads.
interface FileRecords extends AutoCloseable {
    /// Why a record can not be taken.
    record Misfit(IngestError error, String reason) {}

    /// Names of the cells that [#copyTo] writes.
    List<String> columns();

    /// How a segment of these records is written.
    SegmentText.Dialect dialect();

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

    /// The first cell, of a record that is whole, whose value does not pass its check; -1 without such.
    ///
    /// @param checks one for each column; null where every text fits
    int misfitting(ValueForm.@Nullable Check[] checks);

    /// Writes the cells of a record that is whole.
    void copyTo(SegmentText segment);

    /// The record as it came, at most `max` bytes of it.
    byte[] raw(int max);

    /// Whether [#raw] can not give all of it.
    boolean longerThan(int max);

    @Override
    void close() throws IOException;
}
