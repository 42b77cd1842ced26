package io.levada.sql;

/// A stable error code, as the enums of the services have them.
public interface ErrorCode {
    /// Who can do something about it.
    enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    /// Such as `SQL-REFUSED`; never changes its meaning.
    String code();

    Kind kind();

    /// The HTTP status of an answer with this code.
    int status();

    /// What the reader can do next.
    String nextStep();
}
