package io.levada.ingest.files;

import io.levada.events.TableProperties;
import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/// What `raw.quarantine` holds of files. All that one file brought there is committed at once and never changes, so
/// the records of a file number are the same whenever they are asked for.
final class QuarantinedRecords {
    private static final String POSITION = "position SIMILAR TO '0001-[0-9]{20}-[0-9]{20}'";
    private static final String NUMBER = "CAST(substr(position, 6, 20) AS BIGINT)";

    private final Tables tables;
    private final FileEngine engine;

    QuarantinedRecords(Tables tables, FileEngine engine) {
        this.tables = tables;
        this.engine = engine;
    }

    /// A file that has something in quarantine.
    ///
    /// @param whole whether it went there as a whole
    record InQuarantine(long number, boolean whole) {}

    /// The files of a source's table with entries that are neither settled nor taken in again, by number.
    List<InQuarantine> open(String source, String table) throws IOException {
        Optional<Table> quarantine = tables.load(QuarantineWriter.TABLE);
        if (quarantine.isEmpty()) {
            return List.of();
        }
        try (BorrowedFiles files = files(quarantine.get(), table)) {
            return files.isEmpty() ? List.of() : open(quarantine.get(), relation(files, source, table), table);
        }
    }

    private List<InQuarantine> open(Table quarantine, String entries, String table) throws IOException {
        String settled = quarantine.properties().get(TableProperties.SETTLED + table);
        String replayed = LakeSession.literal(IngestError.FILES_REPLAYED.code());
        String sql = "SELECT " + NUMBER + ", bool_or(line IS NULL) FROM " + entries + " WHERE code <> " + replayed
                + (settled == null ? "" : " AND _ingested_at > TIMESTAMPTZ " + LakeSession.literal(settled))
                + " AND " + NUMBER + " NOT IN (SELECT " + NUMBER + " FROM " + entries + " WHERE code = "
                + replayed + ") GROUP BY 1 ORDER BY 1";
        List<InQuarantine> open = new ArrayList<>();
        try (Connection connection = engine.connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                open.add(new InQuarantine(found.getLong(1), found.getBoolean(2)));
            }
        } catch (SQLException e) {
            throw EngineFailure.of(e, engine);
        }
        return open;
    }

    /// Puts the records that one file brought to quarantine into the connection's table `wanted`: ordinals `o`,
    /// and `raw`.
    ///
    /// @throws IOException where they are not to be found
    void select(Connection connection, String source, String table, long number) throws SQLException, IOException {
        Optional<Table> quarantine = tables.load(QuarantineWriter.TABLE);
        String nothing = QuarantineWriter.TABLE + " holds nothing of file number " + number + " of " + table;
        if (quarantine.isEmpty()) {
            throw new IOException(nothing);
        }
        try (BorrowedFiles files = files(quarantine.get(), table);
                Statement statement = connection.createStatement()) {
            if (files.isEmpty()) {
                throw new IOException(nothing);
            }
            statement.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT line AS o, raw FROM "
                    + relation(files, source, table)
                    + " WHERE line IS NOT NULL AND " + NUMBER + " = " + number + " ORDER BY line");
        }
    }

    /// The files with entries of a table, as the engine reads them.
    private BorrowedFiles files(Table quarantine, String table) throws IOException {
        List<String> locations = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = quarantine
                .newScan()
                .filter(Expressions.equal("table_name", table))
                .planFiles()) {
            tasks.forEach(task -> locations.add(task.file().location()));
        }
        try {
            return engine.copies().borrow(quarantine.io(), locations);
        } catch (CopyFailure e) {
            throw new IOException(QuarantineWriter.TABLE + ": " + e.getMessage(), e);
        }
    }

    private static String relation(BorrowedFiles files, String source, String table) {
        String paths = files.paths().stream().map(LakeSession::literal).collect(Collectors.joining(", "));
        return "(SELECT * FROM read_parquet([" + paths + "]) WHERE source = " + LakeSession.literal(source)
                + " AND table_name = " + LakeSession.literal(table) + " AND " + POSITION + ")";
    }
}
