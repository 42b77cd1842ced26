package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/// What a failure of DuckDB means: one that lies in the file refuses it, any other is tried again.
final class EngineFailure {
    private static final List<String> OF_CONTENT = List.of(
            "Invalid Input Error", "Conversion Error", "Out of Range Error", "Not implemented Error", "INTERNAL Error");

    private static final List<String> OF_DISK = List.of("No space left", "Could not write", "Cannot open file");

    private EngineFailure() {}

    static IOException of(SQLException failure, FileEngine engine) {
        engine.reset();
        String message = String.valueOf(failure.getMessage());
        return OF_CONTENT.stream().anyMatch(message::startsWith)
                ? new RefusedFile(
                        IngestError.FILES_UNEXPECTED,
                        "its records could not be read: "
                                + message.lines().findFirst().orElse(""))
                : new IOException(failure);
    }

    /// Of a file that DuckDB reads itself: all but a lack of disk lies in the file. Memory too: what a file asks
    /// for is the same each time.
    static IOException ofParquet(SQLException failure, FileEngine engine) {
        engine.reset();
        String message = String.valueOf(failure.getMessage());
        boolean lacking = message.startsWith("IO Error") && OF_DISK.stream().anyMatch(message::contains);
        return lacking
                ? new IOException(failure)
                : new RefusedFile(
                        IngestError.FILES_NOT_PARQUET,
                        "it can not be read as Parquet: "
                                + message.lines().findFirst().orElse(""));
    }
}
