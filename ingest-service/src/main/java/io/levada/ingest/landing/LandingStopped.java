package io.levada.ingest.landing;

import io.levada.ingest.IngestError;

/// Landing can not go on until somebody acts.
final class LandingStopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final IngestError code;

    LandingStopped(IngestError code, String message) {
        super(message);
        this.code = code;
    }

    IngestError code() {
        return code;
    }
}
