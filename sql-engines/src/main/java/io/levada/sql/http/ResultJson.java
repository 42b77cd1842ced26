package io.levada.sql.http;

import io.levada.sql.QueryException;
import io.levada.sql.QueryStatus;
import io.levada.sql.TableDetail;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// JSON of queries and their results, the same whatever the context's JSON settings are: numbers have
/// all their digits and no exponent that was not there.
public final class ResultJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ResultJson() {}

    static JsonMapper mapper() {
        return MAPPER;
    }

    /// The body of a query.
    static void write(QueryStatus query, OutputStream out) {
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringProperty("id", query.id());
            json.writeStringProperty("state", query.state().name());
            json.writeName("columns");
            json.writePOJO(query.columns());
            json.writeName("rows");
            json.writeStartArray();
            for (List<@Nullable Object> row : query.rows()) {
                json.writePOJO(row);
            }
            json.writeEndArray();
            json.writeNumberProperty("rowCount", query.rows().size());
            json.writeBooleanProperty("truncated", query.truncated());
            json.writeNumberProperty("scannedBytes", query.scannedBytes());
            json.writeNumberProperty("elapsedMillis", query.elapsedMillis());
            json.writeName("snapshots");
            json.writePOJO(query.snapshots());
            json.writeName("completeTo");
            json.writePOJO(query.completeTo());
            QueryException failure = query.failure();
            if (failure != null) {
                json.writeName("error");
                json.writePOJO(Map.of(
                        "code", failure.error().code(),
                        "detail", failure.detail(),
                        "nextStep", failure.error().nextStep()));
            }
            json.writeEndObject();
        }
    }

    /// The rows as an array of objects. Of columns with the same name, all but the first get a number.
    public static void writeObjects(QueryStatus query, OutputStream out) {
        List<String> names = uniqueNames(query.columns());
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            json.writeStartArray();
            for (List<@Nullable Object> row : query.rows()) {
                json.writeStartObject();
                for (int i = 0; i < names.size(); i++) {
                    json.writeName(names.get(i));
                    json.writePOJO(row.get(i));
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static List<String> uniqueNames(List<TableDetail.Column> columns) {
        Map<String, Integer> seen = new HashMap<>();
        List<String> names = new ArrayList<>();
        for (TableDetail.Column column : columns) {
            int count = seen.merge(column.name(), 1, Integer::sum);
            names.add(count == 1 ? column.name() : column.name() + "_" + count);
        }
        return names;
    }
}
