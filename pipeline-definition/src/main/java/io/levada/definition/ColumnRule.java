package io.levada.definition;

/// What capture makes of a column's values before they are written anywhere.
public enum ColumnRule {
    /// A keyed hash: HMAC-SHA-256 of the value's text, as 64 hexadecimal digits. Equal values stay equal.
    HASH,
    /// The fixed text `***`.
    MASK,
    /// The column is left out.
    DROP
}
