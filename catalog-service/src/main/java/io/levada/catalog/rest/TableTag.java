package io.levada.catalog.rest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;

/// The ETag of a table as it is answered: of its metadata file, which never changes, and of how much of it is answered.
///
/// @param value with its quotes
record TableTag(String value) {
    private static final int BYTES = 16;

    static TableTag of(TableMetadata metadata, SnapshotMode mode) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((metadata.metadataFileLocation() + "|" + mode.name()).getBytes(StandardCharsets.UTF_8));
            return new TableTag('"' + HexFormat.of().formatHex(digest, 0, BYTES) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /// Whether an `If-None-Match` names it. `*` does not count: it names no version of the table.
    boolean isIn(String ifNoneMatch) {
        return Arrays.stream(ifNoneMatch.split(","))
                .map(String::strip)
                .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                .anyMatch(value::equals);
    }
}
