package io.levada.lake.storage;

/// A stream whose content need not become a file.
public interface Abandonable {
    /// Says that what was written is not wanted: closing the stream keeps nothing of it.
    void abandon();
}
