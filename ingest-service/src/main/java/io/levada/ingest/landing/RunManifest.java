package io.levada.ingest.landing;

import io.levada.events.Cause;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.OffsetRange;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a run wrote, beside its files: enough to offer it again, or to account for every file of the raw layer, without
/// Kafka.
///
/// @param eventId of the [FilesWritten] that offers the files
/// @param ranges what the files hold of change topics
/// @param chunk the step of an initial load
/// @param file the file that was taken in
public record RunManifest(
        String eventId,
        String table,
        Cause cause,
        int schemaId,
        Instant writtenAt,
        long rows,
        long bytes,
        List<ManifestFile> files,
        List<OffsetRange> ranges,
        @Nullable LoadChunk chunk,
        @Nullable FileIdentity file) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final int BUFFER_BYTES = 1 << 16;

    public RunManifest {
        files = List.copyOf(files);
        ranges = List.copyOf(ranges);
    }

    /// One Parquet file of the run.
    ///
    /// @param sha256 of its content, lower-case hex
    public record ManifestFile(String path, long rows, long bytes, String sha256) {}

    /// Writes the manifest of a run: created, never overwritten, and synced. The files are read once for their
    /// checksums.
    ///
    /// @param io of the table
    /// @param ingestionDate as in the files' paths
    /// @return the manifest's location
    /// @throws org.apache.iceberg.exceptions.AlreadyExistsException where the run has a manifest
    public static String write(
            FileIO io, LakeLayout layout, LocalDate ingestionDate, String runId, FilesWritten event) {
        String location = layout.manifest(ingestionDate, runId);
        byte[] content = JSON.writeValueAsBytes(of(io, event));
        try (OutputStream out = io.newOutputFile(location).create()) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write manifest " + location, e);
        }
        return location;
    }

    private static RunManifest of(FileIO io, FilesWritten event) {
        List<ManifestFile> files = event.files().stream()
                .map(file -> new ManifestFile(file.path(), file.rows(), file.bytes(), sha256(io, file.path())))
                .toList();
        return new RunManifest(
                event.id(),
                event.table(),
                event.cause(),
                event.schemaId(),
                Instant.now(),
                event.files().stream().mapToLong(WrittenFile::rows).sum(),
                event.files().stream().mapToLong(WrittenFile::bytes).sum(),
                files,
                event.ranges(),
                event.chunk(),
                event.file());
    }

    private static String sha256(FileIO io, String location) {
        try (InputStream in = io.newInputFile(location).newStream()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + location, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }
}
