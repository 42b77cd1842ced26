package io.levada.catalog.rest;

import io.levada.definition.AccessTokens;
import io.levada.events.TableProperties;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.jspecify.annotations.Nullable;

/// Guards what catalog-service alone writes: the properties that say what a table holds, and the ids of its events in
/// the summaries of snapshots. An engine that wrote them would make the committer add rows twice or never. Where a
/// crawled table's files lie is among them, since engines of ours may read what it names.
///
/// Levada's services write a few other `levada.*` properties over the protocol; where tokens tell callers apart, they
/// alone may.
final class CommitterProperties {
    private static final String OURS = "levada.";
    private static final List<String> OF_COMMITTER = List.of(
            TableProperties.OFFSETS,
            TableProperties.DATA_FILES,
            TableProperties.CRAWL_LOCATION,
            TableProperties.LOADS,
            "levada.load.",
            TableProperties.INPUT,
            TableProperties.ERASURE,
            TableProperties.EMPTY_BEFORE,
            TableProperties.KEPT_FROM);

    private CommitterProperties() {}

    /// @param caller the name of the caller's token; null where no token is demanded
    /// @throws ForbiddenException where one of the updates changes what is not the caller's
    static void requireUntouched(List<MetadataUpdate> updates, @Nullable String caller) {
        updates.forEach(update -> {
            switch (update) {
                case MetadataUpdate.SetProperties set ->
                    requireAllowed(set.updated().keySet(), caller);
                case MetadataUpdate.RemoveProperties remove -> requireAllowed(remove.removed(), caller);
                case MetadataUpdate.AddSnapshot add ->
                    requireNone(add.snapshot().summary().keySet().stream(), "in the summary of a snapshot");
                default -> {}
            }
        });
    }

    /// @throws ForbiddenException where one of a new table's properties is not the caller's
    static void requireAllowed(Collection<String> names, @Nullable String caller) {
        requireNone(
                names.stream().filter(name -> OF_COMMITTER.stream().anyMatch(name::startsWith)),
                "which the committer alone changes");
        if (caller != null && !caller.equals(AccessTokens.OWN)) {
            requireNone(names.stream(), "which Levada's own services alone change");
        }
    }

    private static void requireNone(Stream<String> names, String reason) {
        names.filter(name -> name.startsWith(OURS)).findFirst().ifPresent(name -> {
            throw new ForbiddenException("%s is Levada's own, %s; leave it out of the commit", name, reason);
        });
    }
}
