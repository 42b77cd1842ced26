package io.levada.lake;

import java.time.LocalDate;
import java.util.UUID;

/// Where files of the lake lie. Paths of data files carry an id of the attempt, so no attempt writes over another's.
///
/// @param root the lake's location without a trailing slash
public record LakeLayout(String root) {
    public LakeLayout {
        while (root.endsWith("/")) {
            root = root.substring(0, root.length() - 1);
        }
    }

    /// A new run id: sorts by time.
    public static String newRunId() {
        return Long.toHexString(System.currentTimeMillis()) + "-" + UUID.randomUUID();
    }

    /// Location of the raw table of `source` and `table` (the table's lake name without the source).
    public String rawTable(String source, String table) {
        return root + "/raw/" + source + "/" + table;
    }

    /// Location of any table that is not raw: `<root>/<namespace>/<name>`.
    public String table(String namespaceAndName) {
        return root + "/" + namespaceAndName.replace('.', '/');
    }

    /// Path of a raw data file.
    public static String rawFile(String tableLocation, LocalDate ingestionDate, String runId, int part) {
        return "%s/ingestion_date=%s/run_id=%s/part-%04d.parquet".formatted(tableLocation, ingestionDate, runId, part);
    }

    /// Path of the manifest of a raw run.
    public String manifest(LocalDate ingestionDate, String runId) {
        return "%s/raw/_manifests/ingestion_date=%s/run_id=%s/manifest.json".formatted(root, ingestionDate, runId);
    }
}
