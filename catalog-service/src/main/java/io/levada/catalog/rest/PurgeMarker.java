package io.levada.catalog.rest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.PositionOutputStream;
import tools.jackson.databind.json.JsonMapper;

/// What a drop with purge leaves behind: `<table location>/metadata/purge-<uuid>.json`, with `table`,
/// `metadata-location`, `table-uuid` and `requested-at`.
///
/// It is written before the table leaves the catalog, so that no purge is forgotten; a drop that fails after it leaves
/// it beside a living table. Whoever deletes by it has to make sure that no table of the catalog has this location, and
/// deletes what the named metadata names.
final class PurgeMarker {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PurgeMarker() {}

    /// @return where it is
    static String write(TableIdentifier id, BaseTable table) {
        TableMetadata metadata = table.operations().current();
        String location = table.operations().metadataFileLocation("purge-" + UUID.randomUUID() + ".json");
        Map<String, String> content = new LinkedHashMap<>();
        content.put("table", id.toString());
        content.put("metadata-location", metadata.metadataFileLocation());
        content.put("table-uuid", metadata.uuid());
        content.put("requested-at", Instant.now().toString());
        try (PositionOutputStream out = table.io().newOutputFile(location).create()) {
            out.write(JSON.writeValueAsString(content).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("The purge of " + id + " can not be noted at " + location, e);
        }
        return location;
    }
}
