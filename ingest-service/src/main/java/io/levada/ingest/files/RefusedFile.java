package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;

/// A file that can not be taken at all because of what it holds; trying again gives the same.
final class RefusedFile extends IOException {
    private static final long serialVersionUID = 1;

    private final IngestError error;

    /// @param reason for people, after "the whole file: "
    RefusedFile(IngestError error, String reason) {
        super(reason);
        this.error = error;
    }

    IngestError error() {
        return error;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
