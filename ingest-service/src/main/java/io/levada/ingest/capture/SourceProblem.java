package io.levada.ingest.capture;

import io.levada.ingest.IngestError;

/// A source cannot go on until somebody acts.
public final class SourceProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final IngestError code;
    private final String nextStep;

    /// @param nextStep what mends it: a statement or a command
    public SourceProblem(IngestError code, String message, String nextStep) {
        super(message);
        this.code = code;
        this.nextStep = nextStep;
    }

    public IngestError code() {
        return code;
    }

    public String nextStep() {
        return nextStep;
    }
}
