package io.levada.ingest.files;

import io.levada.definition.CsvSettings;
import java.io.IOException;
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
            @Nullable TextInference[] unknown = new TextInference[csv.columns().size()];
            for (int i = 0; i < unknown.length; i++) {
                String column = csv.columns().get(i);
                Set<ColumnInference.Kind> kinds = possible.apply(column);
                ColumnInference inference = kinds.isEmpty() ? new ColumnInference() : new ColumnInference(kinds);
                columns.put(column, inference);
                unknown[i] = kinds.isEmpty() ? null : new TextInference(inference);
            }
            if (Arrays.stream(unknown).anyMatch(Objects::nonNull)) {
                LOG.atInfo()
                        .addKeyValue("file", name)
                        .addKeyValue("form", csv.form())
                        .log("Reading the values of new columns");
                infer(csv, unknown);
            }
            return columns;
        }
    }

    private static void infer(CsvFile csv, @Nullable TextInference[] unknown) throws IOException {
        while (csv.next()) {
            if (csv.misfit() == null) {
                csv.infer(unknown);
            }
        }
        for (TextInference column : unknown) {
            if (column != null) {
                column.finish();
            }
        }
    }

    @Override
    public @Nullable FileRecords open(Path file, String name, Table table) throws IOException {
        return CsvFile.open(file, name, settings, maxRecordBytes);
    }

    @Override
    public SegmentSql.Nulls nulls() {
        return SegmentSql.Nulls.of(settings.nullText());
    }

    @Override
    public int maxRecordBytes() {
        return maxRecordBytes;
    }
}
