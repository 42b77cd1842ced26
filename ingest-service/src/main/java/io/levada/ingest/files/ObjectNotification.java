package io.levada.ingest.files;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What one message of a queue says. Three forms are known, as Amazon's S3 User Guide prints them: S3's
/// event message (version 2), the same or the next one in the `Message` of an SNS notification, and
/// EventBridge's event.
sealed interface ObjectNotification {
    JsonMapper JSON = JsonMapper.builder().build();

    /// Something happened to objects. What they are now, only S3 says.
    record Happened(List<Named> objects) implements ObjectNotification {
        public Happened {
            objects = List.copyOf(objects);
        }
    }

    /// S3 sends it when the notification is set up.
    record Test(String bucket) implements ObjectNotification {}

    /// None of the forms.
    ///
    /// @param reason for people, without the message's content
    record NotUnderstood(String reason) implements ObjectNotification {}

    /// @param key as S3 has it
    record Named(String bucket, String key) {}

    static ObjectNotification parse(String body) {
        try {
            JsonNode message = JSON.readTree(body);
            boolean fromTopic = message.path("Type").asString("").equals("Notification");
            return event(fromTopic ? JSON.readTree(text(message.path("Message"), "Message")) : message);
        } catch (JacksonException _) {
            return new NotUnderstood("it is not JSON");
        } catch (IllegalArgumentException e) {
            return new NotUnderstood(String.valueOf(e.getMessage()));
        }
    }

    private static ObjectNotification event(JsonNode event) {
        if (event.path("Event").asString("").equals("s3:TestEvent")) {
            return new Test(text(event.path("Bucket"), "Bucket"));
        }
        if (event.path("source").asString("").equals("aws.s3")) {
            JsonNode detail = event.path("detail");
            return new Happened(List.of(new Named(
                    text(detail.path("bucket").path("name"), "detail.bucket.name"),
                    text(detail.path("object").path("key"), "detail.object.key"))));
        }
        List<Named> objects = new ArrayList<>();
        for (JsonNode entry : event.path("Records")) {
            objects.add(named(entry));
        }
        return objects.isEmpty()
                ? new NotUnderstood("it has neither Records nor the source aws.s3")
                : new Happened(objects);
    }

    private static Named named(JsonNode entry) {
        String version = text(entry.path("eventVersion"), "Records.eventVersion");
        if (!version.startsWith("2.")) {
            throw new IllegalArgumentException("its Records.eventVersion is not 2");
        }
        JsonNode s3 = entry.path("s3");
        String key = text(s3.path("object").path("key"), "Records.s3.object.key");
        return new Named(
                text(s3.path("bucket").path("name"), "Records.s3.bucket.name"),
                URLDecoder.decode(key, StandardCharsets.UTF_8));
    }

    private static String text(JsonNode value, String name) {
        if (!value.isString()) {
            throw new IllegalArgumentException("it has no text " + name);
        }
        return value.asString();
    }
}
