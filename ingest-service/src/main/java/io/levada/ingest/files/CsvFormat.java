package io.levada.ingest.files;

import io.levada.definition.CsvSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// CSV: text without types, so those are inferred over every value.
final class CsvFormat implements RecordFormat {
    private static final Logger LOG = LoggerFactory.getLogger(CsvFormat.class);

    private static final long LARGE_BYTES = 8L * 1024 * 1024;

    private final CsvSettings settings;
    private final int maxRecordBytes;

    CsvFormat(CsvSettings settings, int maxRecordBytes) {
        this.settings = settings;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public Map<String, ColumnInference> columns(
            Path file, String name, Function<String, Set<ColumnInference.Kind>> possible) throws IOException {
        Map<String, ColumnInference> columns = new LinkedHashMap<>();
        try (CsvFile csv = CsvFile.open(file, name, settings, maxRecordBytes)) {
            if (csv == null) {
                return columns;
            }
            @Nullable
            ColumnInference[] unknown = new ColumnInference[csv.columns().size()];
            for (int i = 0; i < unknown.length; i++) {
                String column = csv.columns().get(i);
                Set<ColumnInference.Kind> kinds = possible.apply(column);
                ColumnInference inference = kinds.isEmpty() ? new ColumnInference() : new ColumnInference(kinds);
                columns.put(column, inference);
                unknown[i] = kinds.isEmpty() ? null : inference;
            }
            if (Arrays.stream(unknown).anyMatch(Objects::nonNull)) {
                LOG.atInfo()
                        .addKeyValue("file", name)
                        .addKeyValue("form", csv.form())
                        .log("Reading the values of new columns");
                new CsvInference(csv, unknown).run(Files.size(file) >= LARGE_BYTES);
            }
            return columns;
        }
    }

    @Override
    public @Nullable FileRecords open(Path file, String name, Table table) throws IOException {
        return CsvFile.open(file, name, settings, maxRecordBytes);
    }
}
