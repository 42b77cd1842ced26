package io.levada.ingest.files;

/// The `_pos` of the rows of one file: source epoch, number of the file, ordinal of the record.
record RowPositions(long fileNumber) {
    /// Beyond all ordinals, so that a sum with it has a fixed number of digits.
    private static final String BILLION_BILLIONS = "1000000000000000000";

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
        return "'" + file() + "00' || substr(CAST(" + ordinal + " + " + BILLION_BILLIONS + " AS VARCHAR), 2)";
    }
}
