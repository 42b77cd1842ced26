package io.levada.lake.storage;

import org.jspecify.annotations.Nullable;

/// Why there is no local copy of a data file. It concerns who asked for the copy, and nobody else.
public final class CopyFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What is to be done about it.
    public enum Kind {
        /// What is read at once does not fit into the bound: raise `lake.cache.size`, or read less at once.
        TOO_LARGE,
        /// The disk that the copies lie on is full.
        DISK_FULL,
        /// The bucket can not be read, or does not have the file.
        STORAGE
    }

    private final Kind kind;

    CopyFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
