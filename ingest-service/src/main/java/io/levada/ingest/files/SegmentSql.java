package io.levada.ingest.files;

import io.levada.sql.LakeSession;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// How DuckDB is asked to read a segment: nothing is left to detection.
///
/// @param types as what a record's cells are read; these are named `c0`, `c1` and so on, after the ordinal
///     `o`
/// @param nulls which texts are no value
/// @param maxRecordBytes of a record as it came; in a segment it may take twice that
record SegmentSql(List<String> types, Nulls nulls, int maxRecordBytes) {
    private static final long USUAL_BUFFER_BYTES = 8L * 1024 * 1024;

    SegmentSql {
        types = List.copyOf(types);
    }

    /// Which cells have no value.
    ///
    /// @param text null where cells without a value are those that are not quoted and empty
    /// @param empty whether an empty text is no value in any column, not only where it is not a text
    record Nulls(@Nullable String text, boolean empty) {
        /// An empty field has no value.
        static final Nulls EMPTY = new Nulls(null, true);
        /// Only what was written without a value has none.
        static final Nulls WRITTEN = new Nulls(null, false);

        static Nulls of(@Nullable String text) {
            return text == null || text.isEmpty() ? EMPTY : new Nulls(text, false);
        }

        private String cell(String column) {
            return text == null ? column : "nullif(coalesce(" + column + ", ''), " + LakeSession.literal(text) + ")";
        }
    }

    /// The cells of a segment as a subquery.
    String relation(Segments.Segment segment) {
        String cells = IntStream.range(0, types.size())
                .mapToObj(i -> nulls.cell("r" + i) + " AS c" + i)
                .collect(Collectors.joining(", ", "o, ", ""));
        String columns = IntStream.range(0, types.size())
                .mapToObj(i -> "r" + i + ": " + LakeSession.literal(types.get(i)))
                .collect(Collectors.joining(", ", "{o: 'BIGINT', ", "}"));
        long line = Math.min(2L * maxRecordBytes, segment.bytes()) + 1024;
        List<String> options = List.of(
                "auto_detect = false",
                "header = false",
                "delim = " + character(segment.dialect().delimiter()),
                "quote = " + character(segment.dialect().quote()),
                "escape = " + character(segment.dialect().quote()),
                "comment = ''",
                "new_line = '\\n'",
                "nullstr = ''",
                "allow_quoted_nulls = " + nulls.empty(),
                "null_padding = false",
                "ignore_errors = false",
                "strict_mode = true",
                "max_line_size = " + line,
                "buffer_size = " + Math.max(2 * line, Math.min(USUAL_BUFFER_BYTES, segment.bytes())),
                "columns = " + columns);
        return "(SELECT " + cells + " FROM read_csv("
                + LakeSession.literal(segment.file().toString()) + ", " + String.join(", ", options) + "))";
    }

    private static String character(byte character) {
        return LakeSession.literal(String.valueOf((char) character));
    }
}
