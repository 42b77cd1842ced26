package io.levada.catalog.rest;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.rest.RESTMessage;
import org.apache.iceberg.rest.RESTSerializers;

/// Messages of the Iceberg REST protocol as JSON, by Iceberg's own serializers.
final class IcebergJson {
    private final ObjectMapper mapper = new ObjectMapper();

    IcebergJson() {
        mapper.setVisibility(PropertyAccessor.FIELD, Visibility.ANY);
        mapper.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE);
        RESTSerializers.registerAll(mapper);
    }

    <T> T read(byte[] body, Class<T> type) throws IOException {
        try {
            return mapper.readValue(body, type);
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            // Iceberg's parsers throw the latter two at what they do not know, which the specification has as 400.
            throw new BadRequestException(e, "Not a %s: %s", type.getSimpleName(), e.getMessage());
        }
    }

    byte[] write(RESTMessage message) throws IOException {
        return mapper.writeValueAsBytes(message);
    }
}
