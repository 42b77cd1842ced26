package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.lake.WrittenFiles;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;

/// An event whose files can not be added to its table, and why.
record UnfitFiles(FilesWritten event, CatalogError code, String reason) {
    /// The first such event.
    static Optional<UnfitFiles> first(List<FilesWritten> events, Table table) {
        return events.stream().flatMap(event -> in(event, table).stream()).findFirst();
    }

    private static Optional<UnfitFiles> in(FilesWritten event, Table table) {
        if (!table.schemas().containsKey(event.schemaId())) {
            return Optional.of(new UnfitFiles(
                    event,
                    CatalogError.UNKNOWN_SCHEMA,
                    "The table has no schema %d, only %s"
                            .formatted(event.schemaId(), table.schemas().keySet())));
        }
        return event.files().stream()
                .flatMap(file -> in(event, file, table).stream())
                .findFirst();
    }

    private static Optional<UnfitFiles> in(FilesWritten event, WrittenFile file, Table table) {
        try {
            long bytes = table.io().newInputFile(file.path()).getLength();
            if (bytes != file.bytes()) {
                return Optional.of(new UnfitFiles(
                        event,
                        CatalogError.FILE_MISSING,
                        "File %s has %d bytes, the event says %d".formatted(file.path(), bytes, file.bytes())));
            }
            WrittenFiles.toDataFile(file, table.spec());
            return Optional.empty();
        } catch (NotFoundException e) {
            return Optional.of(
                    new UnfitFiles(event, CatalogError.FILE_MISSING, "File " + file.path() + " does not exist"));
        } catch (IllegalArgumentException | ValidationException e) {
            return Optional.of(new UnfitFiles(
                    event, CatalogError.FILE_INVALID, "File " + file.path() + " does not fit: " + e.getMessage()));
        }
    }
}
