package io.levada.transform;

import org.jspecify.annotations.Nullable;

/// A derived table could not be computed or offered now.
public final class TransformException extends RuntimeException {
    private final TransformError error;

    public TransformException(TransformError error, String message) {
        this(error, message, null);
    }

    public TransformException(TransformError error, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    public TransformError error() {
        return error;
    }
}
