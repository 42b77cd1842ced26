package io.levada.ingest.mongo;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/// The steps of a collection's load: ranges of `_id` in the server's own order, which is one of values of all types.
///
/// @param bounds the first `_id` of each step but the first
record CollectionSteps(List<BsonValue> bounds) {
    private static final int MOST_STEPS = 1_000;
    private static final int SAMPLED_FOR_EACH = 10;
    private static final BsonDocument BY_ID = BsonDocument.parse("{_id: 1}");

    CollectionSteps {
        bounds = List.copyOf(bounds);
    }

    /// Cuts a collection by a sample of its `_id`s.
    ///
    /// @param stepDocuments how many a step has, about
    static CollectionSteps of(MongoCollection<BsonDocument> collection, long documents, long stepDocuments) {
        int steps = (int) Math.clamp(Math.ceilDiv(documents, stepDocuments), 1, MOST_STEPS);
        if (steps == 1) {
            return new CollectionSteps(List.of());
        }
        List<BsonDocument> ids = collection
                .aggregate(List.of(
                        Aggregates.sample(steps * SAMPLED_FOR_EACH),
                        Aggregates.project(Projections.include(CollectionForm.ID)),
                        Aggregates.sort(Sorts.ascending(CollectionForm.ID))))
                .allowDiskUse(true)
                .into(new ArrayList<>());
        List<BsonValue> bounds = new ArrayList<>();
        for (int i = SAMPLED_FOR_EACH; i < ids.size(); i += SAMPLED_FOR_EACH) {
            BsonValue bound = ids.get(i).get(CollectionForm.ID);
            if (bounds.isEmpty() || !bounds.getLast().equals(bound)) {
                bounds.add(bound);
            }
        }
        return new CollectionSteps(bounds);
    }

    /// As a load's plan keeps them.
    static CollectionSteps parse(@Nullable String text) {
        return new CollectionSteps(
                text == null ? List.of() : BsonDocument.parse(text).getArray("bounds"));
    }

    String text() {
        return BsonText.canonical(new BsonDocument("bounds", new BsonArray(bounds)));
    }

    int count() {
        return bounds.size() + 1;
    }

    /// The documents of a step, read over the index of `_id`. Filters would compare values of one type only.
    FindIterable<BsonDocument> within(FindIterable<BsonDocument> all, int step) {
        FindIterable<BsonDocument> range = all.hint(BY_ID).sort(BY_ID);
        if (step > 0) {
            range = range.min(new BsonDocument(CollectionForm.ID, bounds.get(step - 1)));
        }
        return step < bounds.size() ? range.max(new BsonDocument(CollectionForm.ID, bounds.get(step))) : range;
    }
}
