package io.levada.ingest.files;

import io.levada.definition.CsvSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// CSV: text without types, so those are inferred over every value.
final class CsvFormat implements RecordFormat {
    private static final Logger LOG = LoggerFactory.getLogger(CsvFormat.class);

    private final FileEngine engine;
    private final CsvSettings settings;
    private final int maxRecordBytes;
    private final long segmentBytes;

    CsvFormat(FileEngine engine, CsvSettings settings, int maxRecordBytes, long segmentBytes) {
        this.engine = engine;
        this.settings = settings;
        this.maxRecordBytes = maxRecordBytes;
        this.segmentBytes = segmentBytes;
    }

    @Override
    public Map<String, ColumnInference> columns(
            Path file, String name, Function<String, Set<ColumnInference.Kind>> possible) throws IOException {
        Map<String, ColumnInference> columns = new LinkedHashMap<>();
        try (CsvFile csv = CsvFile.open(file, name, settings, maxRecordBytes)) {
            if (csv == null) {
                return columns;
            }
            csv.columns().forEach(column -> columns.put(column, new ColumnInference()));
            List<TextInference.Column> unknown = new ArrayList<>();
            for (int i = 0; i < csv.columns().size(); i++) {
                String column = csv.columns().get(i);
                Set<ColumnInference.Kind> kinds = possible.apply(column);
                if (!kinds.isEmpty()) {
                    ColumnInference inference = new ColumnInference(kinds);
                    columns.put(column, inference);
                    unknown.add(new TextInference.Column("c" + i, inference));
                }
            }
            if (!unknown.isEmpty()) {
                LOG.atInfo()
                        .addKeyValue("file", name)
                        .addKeyValue("form", csv.form())
                        .log("Reading the values of new columns");
                infer(csv, unknown);
            }
            return columns;
        }
    }

    private void infer(CsvFile csv, List<TextInference.Column> unknown) throws IOException {
        SegmentSql sql = new SegmentSql(csv.columns().size(), nulls(), maxRecordBytes);
        try (Connection connection = engine.connect();
                Segments segments = new Segments(csv, engine.newFile(), segmentBytes, (_, _) -> {})) {
            while (!segments.ended()) {
                Segments.Segment segment = segments.next();
                if (segment.records() > 0) {
                    TextInference.read(connection, sql.relation(segment), segment.records(), unknown);
                }
            }
        } catch (SQLException e) {
            throw EngineFailure.of(e, engine);
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
