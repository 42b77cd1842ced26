package io.levada.definition;

/// What becomes of a file whose path was taken before with other content.
public enum ChangedFiles {
    /// It is not taken, and status says so.
    REFUSE,
    /// Its rows are added; those of the older content stay.
    APPEND,
    /// Its rows take the place of those of the older content in `stage.<source>_<table>`; `raw` keeps both.
    REPLACE
}
