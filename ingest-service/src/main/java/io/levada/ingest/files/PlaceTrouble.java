package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;

/// A place of files, or a file of it, can not be read now; it is tried again.
final class PlaceTrouble extends IOException {
    private static final long serialVersionUID = 1;

    private final IngestError error;

    /// @param message for people, with what to do
    PlaceTrouble(IngestError error, String message, Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    IngestError error() {
        return error;
    }
}
