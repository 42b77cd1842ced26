package io.levada.ingest.files;

/// The `_pos` of the rows of one file: source epoch, number of the file, ordinal of the record.
record RowPositions(long fileNumber) {
    private String file() {
        return "0001-%020d-".formatted(fileNumber);
    }

    String at(long ordinal) {
        return file() + "%020d".formatted(ordinal);
    }

    /// The same in SQL.
    ///
    /// @param ordinal an expression
    String sql(String ordinal) {
        return "'" + file() + "' || lpad(CAST(" + ordinal + " AS VARCHAR), 20, '0')";
    }
}
