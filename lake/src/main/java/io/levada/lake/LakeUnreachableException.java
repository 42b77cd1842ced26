package io.levada.lake;

import java.net.URI;

/// The catalog does not answer. Nothing is known about its tables.
public final class LakeUnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LakeUnreachableException(URI uri, RuntimeException cause) {
        super("The catalog at " + uri + " does not answer: " + cause.getMessage(), cause);
    }
}
