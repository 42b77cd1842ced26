package io.levada.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Files are durable and ask to be committed to a table. One event is one run and one atomic commit.
///
/// @param id unique; a repeat of the event has the same one
/// @param table `namespace.name`
/// @param schemaId the table schema that the files were written with
/// @param files to add; may be empty, where a range or a file held no row for this table
/// @param ranges what the files hold of change topics (causes CHANGES and QUARANTINE)
/// @param chunk the step of a load (causes CHUNK and QUARANTINE)
/// @param file the file taken in (causes FILE and QUARANTINE)
/// @param replace whether the files replace all that the table holds (causes CURATION and MIRROR)
/// @param base the table's snapshot that the producer planned on, or null where it had none (causes CURATION, MIRROR)
/// @param inputs the snapshots that a derived result was computed from
/// @param deleted paths of files that the commit removes
/// @param referenced paths of files that must still be in the table
public record FilesWritten(
        String id,
        String table,
        Layer layer,
        Cause cause,
        int schemaId,
        List<WrittenFile> files,
        List<OffsetRange> ranges,
        @Nullable LoadChunk chunk,
        @Nullable FileIdentity file,
        boolean replace,
        @Nullable Long base,
        List<TableInput> inputs,
        List<String> deleted,
        List<String> referenced) {
    public FilesWritten {
        files = List.copyOf(files);
        ranges = List.copyOf(ranges);
        inputs = List.copyOf(inputs);
        deleted = List.copyOf(deleted);
        referenced = List.copyOf(referenced);
    }

    /// Files of landed changes.
    public static FilesWritten changes(
            String id, String table, int schemaId, List<WrittenFile> files, List<OffsetRange> ranges) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                Cause.CHANGES,
                schemaId,
                files,
                ranges,
                null,
                null,
                false,
                null,
                List.of(),
                List.of(),
                List.of());
    }

    /// Files of one chunk of an initial load.
    public static FilesWritten chunk(String id, String table, int schemaId, List<WrittenFile> files, LoadChunk chunk) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                Cause.CHUNK,
                schemaId,
                files,
                List.of(),
                chunk,
                null,
                false,
                null,
                List.of(),
                List.of(),
                List.of());
    }

    /// Files of one file that was taken in.
    public static FilesWritten file(String id, String table, int schemaId, List<WrittenFile> files, FileIdentity file) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                Cause.FILE,
                schemaId,
                files,
                List.of(),
                null,
                file,
                false,
                null,
                List.of(),
                List.of(),
                List.of());
    }

    /// Rows put aside while a table was loaded.
    public static FilesWritten quarantine(
            String id, String table, int schemaId, List<WrittenFile> files, LoadChunk chunk) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                Cause.QUARANTINE,
                schemaId,
                files,
                List.of(),
                chunk,
                null,
                false,
                null,
                List.of(),
                List.of(),
                List.of());
    }

    /// Rows put aside while a range or a file was taken in; exactly one of `ranges` and `file` says of what.
    public static FilesWritten quarantine(
            String id,
            String table,
            int schemaId,
            List<WrittenFile> files,
            List<OffsetRange> ranges,
            @Nullable FileIdentity file) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                Cause.QUARANTINE,
                schemaId,
                files,
                ranges,
                null,
                file,
                false,
                null,
                List.of(),
                List.of(),
                List.of());
    }

    /// Files that replace all of a derived table.
    ///
    /// @param cause CURATION or MIRROR
    public static FilesWritten replacement(
            String id,
            String table,
            Cause cause,
            int schemaId,
            List<WrittenFile> files,
            @Nullable Long base,
            List<TableInput> inputs) {
        return new FilesWritten(
                id,
                table,
                Layer.of(table),
                cause,
                schemaId,
                files,
                List.of(),
                null,
                null,
                true,
                base,
                inputs,
                List.of(),
                List.of());
    }
}
