package io.levada.ingest.mongo;

import io.levada.ingest.IngestError;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadedChunk;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.bson.BsonDocument;

/// Writes the documents of one step of a load to Parquet. A document with a new field ends a file; the next one has its
/// column. For one step, on one thread.
final class CollectionCopy {
    private final DocumentRows documents;
    private final Function<CollectionForm, Table> tables;
    private CollectionForm form;

    /// @param form whose columns the step's files have at first
    /// @param tables the raw table with the columns of a form
    CollectionCopy(DocumentRows documents, CollectionForm form, Function<CollectionForm, Table> tables) {
        this.documents = documents;
        this.form = form;
        this.tables = tables;
    }

    LoadedChunk copy(Iterable<BsonDocument> found, ChunkRows rows) {
        for (BsonDocument document : found) {
            switch (documents.row(document)) {
                case DocumentRow.Read read -> write(read, rows);
                case DocumentRow.Refused(IngestError error, String reason) ->
                    rows.putAside(documents.shown(document), error, reason);
            }
        }
        return rows.finish();
    }

    private void write(DocumentRow.Read read, ChunkRows rows) {
        if (!read.form().equals(form)) {
            form = read.form();
            rows.into(tables.apply(form));
        }
        rows.add(row -> read.values().forEach(row::setField));
    }
}
