package io.levada.ingest.postgres.copy;

/// The header of PostgreSQL's binary array.
///
/// @param start of the first element's length
record CopyArray(int dimensions, int elements, boolean isPlain, int start) {
    private static final int HEADER_BYTES = 12;
    private static final int DIMENSION_BYTES = 8;

    static CopyArray read(byte[] bytes, int at) {
        int dimensions = CopyRow.int32(bytes, at);
        int elements = dimensions == 0 ? 0 : 1;
        boolean fromOne = true;
        for (int i = 0; i < dimensions; i++) {
            elements = Math.multiplyExact(elements, length(bytes, at, i));
            fromOne &= first(bytes, at, i) == 1;
        }
        return new CopyArray(
                dimensions, elements, dimensions <= 1 && fromOne, at + HEADER_BYTES + DIMENSION_BYTES * dimensions);
    }

    static int length(byte[] bytes, int at, int dimension) {
        return CopyRow.int32(bytes, at + HEADER_BYTES + DIMENSION_BYTES * dimension);
    }

    /// The index of a dimension's first element.
    static int first(byte[] bytes, int at, int dimension) {
        return CopyRow.int32(bytes, at + HEADER_BYTES + DIMENSION_BYTES * dimension + Integer.BYTES);
    }
}
