package io.levada.definition;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `s3: {notifications}`, which is the URL of a queue or a mapping.
final class NotificationsReader {
    private final Problems problems;

    NotificationsReader(Problems problems) {
        this.problems = problems;
    }

    Optional<S3Notifications> read(Section s3) {
        if (!s3.isMapping("notifications")) {
            return s3.text("notifications")
                    .flatMap(this::queue)
                    .map(queue -> new S3Notifications(queue, S3Notifications.LIST_EVERY));
        }
        Section section = s3.section("notifications");
        Duration listEvery = section.text("list-every")
                .flatMap(every -> new FlushReader(problems).interval(every))
                .orElse(S3Notifications.LIST_EVERY);
        return section.requiredText("queue", "the URL of an SQS queue")
                .flatMap(this::queue)
                .map(queue -> new S3Notifications(queue, listEvery));
    }

    private Optional<URI> queue(Section.Text text) {
        try {
            URI queue = new URI(text.value());
            boolean plain = queue.getUserInfo() == null
                    && queue.getQuery() == null
                    && queue.getFragment() == null
                    && queue.getHost() != null
                    && queue.getPath().matches("(/[^/]+)+");
            if (plain && List.of("http", "https").contains(String.valueOf(queue.getScheme()))) {
                return Optional.of(queue);
            }
        } catch (URISyntaxException _) {
            // said below
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "`: allowed is the URL of a queue, not its ARN, such as"
                        + " https://sqs.eu-west-1.amazonaws.com/123456789012/name.");
        return Optional.empty();
    }

    /// Reports queues that several sources name: each message goes to one reader only.
    void checkReadOnce(Map<String, SourceDefinition> sources, Map<String, Section> sections) {
        Map<URI, String> readers = new HashMap<>();
        sources.forEach((name, source) -> {
            if (source instanceof FileSource files
                    && files.place() instanceof FilePlace.S3Prefix prefix
                    && prefix.notifications() != null
                    && sections.get(name) instanceof Section section) {
                String other = readers.putIfAbsent(prefix.notifications().queue(), name);
                if (other != null) {
                    problems.add(
                            DefinitionCode.BAD_VALUE,
                            section.line(),
                            section.pathOf("s3.notifications"),
                            "Source `" + other + "` reads this queue, and each message goes to one reader only:"
                                    + " give each source a queue of its own.");
                }
            }
        });
    }
}
