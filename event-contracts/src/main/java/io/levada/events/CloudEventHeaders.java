package io.levada.events;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// The CloudEvents 1.0 attributes of one control event as Kafka headers in binary content mode.
///
/// See the CloudEvents Kafka protocol binding, section 3.2.
public final class CloudEventHeaders {
    private CloudEventHeaders() {}

    /// @param service the emitting service, such as `catalog`
    /// @param event the record that is the payload; its class names the type
    /// @param id the idempotency key
    /// @param subject the table
    /// @return header names and values, in a fixed order
    public static Map<String, String> of(String service, Record event, String id, String subject, Instant time) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", id);
        headers.put("ce_source", "/levada/" + service);
        headers.put("ce_type", "io.levada." + event.getClass().getSimpleName());
        headers.put("ce_subject", subject);
        headers.put("ce_time", time.toString());
        headers.put("content-type", "application/json");
        return headers;
    }
}
