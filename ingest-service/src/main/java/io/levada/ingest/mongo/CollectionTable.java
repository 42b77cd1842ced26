package io.levada.ingest.mongo;

import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.RefusedValues;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.iceberg.data.GenericRecord;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/// Turns the events of one collection into encoded change events. Not safe for use by several threads.
final class CollectionTable {
    /// What every change says beside its row.
    record Origin(String pos, String sourcePos, OffsetDateTime commitTime, String tx) {}

    private final SourceTable table;
    private final String topic;
    private final SchemaRegistry registry;
    private final DocumentRows rows;
    private final Function<BsonValue, @Nullable BsonDocument> lookup;
    private @Nullable CollectionForm form;
    private @Nullable ChangeEncoder encoder;

    /// @param lookup reads a document as it is now, by its `_id`; null where there is none
    CollectionTable(
            SourceTable table,
            String topic,
            SchemaRegistry registry,
            DocumentRows rows,
            Function<BsonValue, @Nullable BsonDocument> lookup) {
        this.table = table;
        this.topic = topic;
        this.registry = registry;
        this.rows = rows;
        this.lookup = lookup;
    }

    SourceTable table() {
        return table;
    }

    String topic() {
        return topic;
    }

    byte[] emptied(Origin origin) {
        return encoder(rows.form()).encode(change("t", origin, null, null, List.of(), null));
    }

    /// @param kind `insert`, `replace`, `update` or `delete`
    byte[] encode(Origin origin, String kind, ChangeStreamDocument<BsonDocument> event) {
        BsonValue id = Objects.requireNonNull(
                Objects.requireNonNull(event.getDocumentKey()).get(CollectionForm.ID));
        if (kind.equals("delete")) {
            String key = rows.key(id);
            ChangeEncoder now = encoder(rows.form());
            return now.encode(change("d", origin, keyOnly(now, key), null, List.of(), null));
        }
        String op = kind.equals("insert") ? "c" : "u";
        BsonDocument document = event.getFullDocument() == null ? lookup.apply(id) : event.getFullDocument();
        return document == null ? unseen(origin, op, id) : seen(origin, op, document);
    }

    /// An update of a document that was deleted before it could be looked up: the delete follows.
    private byte[] unseen(Origin origin, String op, BsonValue id) {
        String key = rows.key(id);
        CollectionForm now = rows.form();
        ChangeEncoder writer = encoder(now);
        List<String> unchanged = now.lakeColumns().stream()
                .map(column -> column.name())
                .filter(name -> !name.equals(CollectionForm.ID))
                .toList();
        return writer.encode(change(op, origin, null, keyOnly(writer, key), unchanged, null));
    }

    private byte[] seen(Origin origin, String op, BsonDocument document) {
        switch (rows.row(document)) {
            case DocumentRow.Refused(IngestError error, String reason) -> {
                return refused(origin, op, error, reason, document);
            }
            case DocumentRow.Read read -> {
                ChangeEncoder writer = encoder(read.form());
                GenericRecord row = GenericRecord.create(writer.schema().rowStruct());
                read.values().forEach(row::setField);
                byte[] change = writer.encode(change(op, origin, null, row, List.of(), null));
                return change.length <= ChangeTopics.MAX_CHANGE_BYTES
                        ? change
                        : refused(
                                origin,
                                op,
                                IngestError.CAPTURE_ROW_TOO_LARGE,
                                "The change has " + change.length + " bytes; at most " + ChangeTopics.MAX_CHANGE_BYTES
                                        + " are carried",
                                document);
            }
        }
    }

    private byte[] refused(Origin origin, String op, IngestError error, String reason, BsonDocument document) {
        RefusedValues refused = new RefusedValues();
        rows.shown(document).forEach(refused::column);
        return encoder(rows.form())
                .encode(change(
                        op, origin, null, null, List.of(), new Change.Refusal(error.code(), reason, refused.json())));
    }

    private static GenericRecord keyOnly(ChangeEncoder writer, @Nullable String key) {
        GenericRecord row = GenericRecord.create(writer.schema().rowStruct());
        row.setField(CollectionForm.ID, key);
        return row;
    }

    private static Change change(
            String op,
            Origin origin,
            @Nullable GenericRecord before,
            @Nullable GenericRecord after,
            List<String> unchanged,
            Change.@Nullable Refusal refusal) {
        return new Change(
                op,
                origin.pos(),
                origin.sourcePos(),
                origin.commitTime(),
                origin.tx(),
                null,
                before,
                after,
                unchanged,
                refusal);
    }

    private ChangeEncoder encoder(CollectionForm now) {
        ChangeEncoder known = encoder;
        if (known == null || !now.equals(form)) {
            ChangeSchema schema = ChangeSchema.of(now.lakeColumns(), CollectionForm.KEY);
            try {
                known = new ChangeEncoder(schema, registry.register(topic, schema));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "The columns of table " + table.qualifiedName() + " can not be registered now", e);
            }
            encoder = known;
            form = now;
        }
        return known;
    }
}
