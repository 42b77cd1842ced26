package io.levada.ingest.landing;

import io.levada.events.TableProperties;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/// The topics that ingest writes, made where they are missing, and their identities.
///
/// @param clusterId of the Kafka cluster
/// @param topicIds by topic name
public record ChangeTopics(String clusterId, Map<String, String> topicIds) {
    /// No change is larger.
    public static final int MAX_CHANGE_BYTES = 16 * 1024 * 1024;

    /// Kafka's controller refuses an order that makes more than 10,000 records; a topic makes about seven.
    private static final int TOPICS_AT_ONCE = 500;

    private static final int RECORD_OVERHEAD_BYTES = 64 * 1024;

    public ChangeTopics {
        topicIds = Map.copyOf(topicIds);
    }

    /// Makes the topics that are missing, each with one partition and without time retention.
    ///
    /// @param logs topics that keep every record
    /// @param compacted topics that keep the last record of each key
    public static ChangeTopics ensure(String bootstrapServers, Collection<String> logs, Collection<String> compacted) {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "levada-ingest-topics"))) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>();
            logs.stream()
                    .filter(topic -> !existing.contains(topic))
                    .forEach(topic -> missing.add(topic(topic, TopicConfig.CLEANUP_POLICY_DELETE)));
            compacted.stream()
                    .filter(topic -> !existing.contains(topic))
                    .forEach(topic -> missing.add(topic(topic, TopicConfig.CLEANUP_POLICY_COMPACT)));
            Map<String, String> ids = new HashMap<>();
            for (int from = 0; from < missing.size(); from += TOPICS_AT_ONCE) {
                ids.putAll(create(admin, missing.subList(from, Math.min(missing.size(), from + TOPICS_AT_ONCE))));
            }
            Set<String> others = new HashSet<>(logs);
            others.addAll(compacted);
            others.removeAll(ids.keySet());
            for (TopicDescription topic :
                    admin.describeTopics(others).allTopicNames().get().values()) {
                ids.put(topic.name(), topic.topicId().toString());
            }
            return new ChangeTopics(admin.describeCluster().clusterId().get(), ids);
        } catch (ExecutionException e) {
            throw new KafkaException("Kafka's topics can not be made or described", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while making topics", e);
        }
    }

    private static NewTopic topic(String name, String cleanupPolicy) {
        return new NewTopic(name, Optional.of(1), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        cleanupPolicy,
                        TopicConfig.RETENTION_MS_CONFIG,
                        "-1",
                        TopicConfig.RETENTION_BYTES_CONFIG,
                        "-1",
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(MAX_CHANGE_BYTES + RECORD_OVERHEAD_BYTES)));
    }

    /// @return the ids of the topics that were made, which a broker asked for their description may not know yet
    private static Map<String, String> create(Admin admin, List<NewTopic> missing)
            throws InterruptedException, ExecutionException {
        Map<String, String> ids = new HashMap<>();
        CreateTopicsResult created = admin.createTopics(missing);
        for (String topic : created.values().keySet()) {
            try {
                ids.put(topic, created.topicId(topic).get().toString());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        return ids;
    }

    /// The table property that holds the next expected offset of a topic.
    public String offsetProperty(String topic) {
        return TableProperties.OFFSETS + clusterId + "." + topicIds.get(topic) + ".0";
    }
}
