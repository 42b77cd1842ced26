package io.levada.local;

import java.io.Serial;

/// The command can not go on.
final class LocalException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final LocalError error;
    private final String nextStep;

    /// @param message what failed, on what
    /// @param nextStep what the user does about it
    LocalException(LocalError error, String message, String nextStep) {
        super(message);
        this.error = error;
        this.nextStep = nextStep;
    }

    LocalException(LocalError error, String message, String nextStep, Throwable cause) {
        super(message, cause);
        this.error = error;
        this.nextStep = nextStep;
    }

    LocalError error() {
        return error;
    }

    String nextStep() {
        return nextStep;
    }
}
