package io.levada.events;

/// A half-open range of one partition of a change topic: `[start, end)`.
///
/// @param clusterId the Kafka cluster's id
/// @param topicId the topic's id, which a recreated topic does not share
/// @param topic the topic's name, for people
public record OffsetRange(String clusterId, String topicId, String topic, int partition, long start, long end) {
    public OffsetRange {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException(
                    "Offset range [" + start + ", " + end + ") of topic " + topic + " is empty or negative");
        }
    }
}
