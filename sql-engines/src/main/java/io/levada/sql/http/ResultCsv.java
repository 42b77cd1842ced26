package io.levada.sql.http;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.levada.sql.QueryStatus;
import io.levada.sql.TableDetail;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Results as CSV (RFC 4180, UTF-8, with a header). NULL is an empty field, an empty string is `""`;
/// lists, structs and maps are JSON text.
final class ResultCsv {
    private ResultCsv() {}

    static void write(QueryStatus query, OutputStream out) throws IOException {
        try (CsvWriter csv = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.CRLF)
                .quoteStrategy(QuoteStrategies.EMPTY)
                .build(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
            csv.writeRecord(
                    query.columns().stream().map(TableDetail.Column::name).toList());
            for (List<@Nullable Object> row : query.rows()) {
                List<@Nullable String> fields = new ArrayList<>(row.size());
                for (Object value : row) {
                    fields.add(text(value));
                }
                csv.writeRecord(fields);
            }
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case BigDecimal decimal -> decimal.toPlainString();
            case List<?> list -> ResultJson.mapper().writeValueAsString(list);
            case Map<?, ?> map -> ResultJson.mapper().writeValueAsString(map);
            default -> value.toString();
        };
    }
}
