package io.levada.definition;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Where lineage is told to: the `lineage:` section.
///
/// @param namespace of jobs and of the lake's tables in OpenLineage events
public record LineageDefinition(String namespace, Target openLineage) {
    /// Who takes OpenLineage events.
    public sealed interface Target {
        /// Nobody.
        record None() implements Target {}

        /// A server, by HTTP POST.
        ///
        /// @param url with its path, such as `https://host/api/v1/lineage`
        /// @param apiKey sent as a bearer token; null where none is wanted
        record Http(URI url, @Nullable Secret apiKey) implements Target {}

        /// A topic of the pipeline's Kafka.
        record Topic(String name) implements Target {}
    }

    /// Tells nobody.
    public static LineageDefinition silent(String namespace) {
        return new LineageDefinition(namespace, new Target.None());
    }
}
