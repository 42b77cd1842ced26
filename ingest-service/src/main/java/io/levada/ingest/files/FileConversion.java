package io.levada.ingest.files;

import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.landing.RunManifest;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Turns one arrived file into Parquet and quarantined rows. Whatever the file holds, every record of it is in one of
/// the two, and the outcome is an event that advances the table's file number.
final class FileConversion {
    private final Tables tables;
    private final LakeLayout layout;
    private final Path quarantineDirectory;
    private final FileEngine engine;
    private final long partBytes;
    private final LandingSteps steps;
    private final Clock clock;
    private final QuarantinedRecords inQuarantine;

    /// @param partBytes a Parquet file is made of about this much text
    FileConversion(
            Tables tables,
            LakeLayout layout,
            Path quarantineDirectory,
            FileEngine engine,
            long partBytes,
            LandingSteps steps,
            Clock clock) {
        this.tables = tables;
        this.layout = layout;
        this.quarantineDirectory = quarantineDirectory;
        this.engine = engine;
        this.partBytes = partBytes;
        this.steps = steps;
        this.clock = clock;
        this.inQuarantine = new QuarantinedRecords(tables, engine);
    }

    /// What came of a file. Its files are closed and its manifests written.
    ///
    /// @param events in the order in which they are to be committed
    /// @param quarantined what was put aside, by kind
    /// @param whole whether the whole file is in quarantine
    record Converted(
            List<FilesWritten> events, long rows, Map<QuarantineCounts.Kind, Long> quarantined, boolean whole) {
        Converted {
            events = List.copyOf(events);
            quarantined = Map.copyOf(quarantined);
        }

        long quarantinedRows() {
            return quarantined.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /// Converts a file.
    ///
    /// @param content the spooled copy
    /// @throws IOException where disk or catalog fail; the caller tries again
    Converted convert(FileArrived arrived, FileTable definition, Path content) throws IOException {
        String path = arrived.file().path();
        try {
            Table table = definition.covering(new FileTable.Content(content, path));
            return switch (definition.format()) {
                case RecordFormat format -> records(arrived, definition, content, format, table);
                case ParquetFormat _ -> parquet(arrived, content, table);
            };
        } catch (RefusedFile e) {
            return whole(arrived, definition, content, e.error(), e.reason());
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private Converted records(FileArrived arrived, FileTable definition, Path content, RecordFormat format, Table table)
            throws IOException, SQLException {
        try (FileRecords records = format.open(content, arrived.file().path(), table)) {
            return records == null
                    ? withoutRecords(arrived, table)
                    : records(arrived, definition, content, records, table);
        }
    }

    private Converted parquet(FileArrived arrived, Path content, Table table) throws IOException, SQLException {
        FileIdentity identity = arrived.file();
        String runId = LakeLayout.newRunId();
        RowPositions positions = new RowPositions(identity.number());
        RowParts parts = new RowParts(table, runId, identity.path(), positions, clock);
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout);
                Connection connection = engine.connect()) {
            noteReplay(arrived, quarantine);
            boolean onlyWanted = select(arrived, connection);
            ParquetConversion conversion = new ParquetConversion(connection, engine, content, table, onlyWanted);
            conversion.misfits((ordinal, row, reason) -> quarantine.add(new QuarantinedRow(
                    identity.source(),
                    identity.table(),
                    positions.at(ordinal),
                    identity.path(),
                    ordinal,
                    row,
                    IngestError.FILES_BAD_VALUE.code(),
                    reason)));
            conversion.convert(parts);
            return converted(arrived, table, runId, parts, quarantine, conversion.rows());
        }
    }

    private Converted records(FileArrived arrived, FileTable definition, Path content, FileRecords all, Table table)
            throws IOException, SQLException {
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            noteReplay(arrived, quarantine);
            if (arrived.recordsOf() == null) {
                return rows(arrived, definition, content, all, table, quarantine);
            }
            try (Connection connection = engine.connect()) {
                select(arrived, connection);
                FileRecords wanted = new ReplayedRecords(all, connection);
                return rows(arrived, definition, content, wanted, table, quarantine);
            }
        }
    }

    private Converted rows(
            FileArrived arrived,
            FileTable definition,
            Path content,
            FileRecords records,
            Table table,
            QuarantineWriter quarantine)
            throws IOException {
        FileIdentity identity = arrived.file();
        String runId = LakeLayout.newRunId();
        RowPositions positions = new RowPositions(identity.number());
        Original original = new Original(identity, content);
        RowParts parts = new RowParts(table, runId, identity.path(), positions, clock);
        RowConversion.Aside aside =
                (record, misfit) -> quarantine.add(bad(identity, positions, record, misfit, original));
        List<String> unknown = unknown(records.columns(), table);
        if (unknown.isEmpty()) {
            long rows = new RowConversion(records, table, definition).convert(parts, positions, partBytes, aside);
            return converted(arrived, table, runId, parts, quarantine, rows);
        }
        FileRecords.Misfit misfit = new FileRecords.Misfit(
                IngestError.FILES_NEW_COLUMNS, "the table has no column " + String.join(", ", unknown));
        while (records.next()) {
            FileRecords.Misfit own = records.misfit();
            aside.take(records, own == null ? misfit : own);
        }
        return converted(arrived, table, runId, parts, quarantine, 0);
    }

    private Converted converted(
            FileArrived arrived, Table table, String runId, RowParts parts, QuarantineWriter quarantine, long rows)
            throws IOException {
        FileIdentity identity = arrived.file();
        if (arrived.replaces() != null) {
            parts.writeReplacement();
        }
        Map<QuarantineCounts.Kind, Long> quarantined = counts(quarantine);
        steps.reached(LandingStep.FILE_CLOSED, identity.table());
        List<FilesWritten> events = new ArrayList<>();
        quarantine.finish(List.of(), identity).ifPresent(events::add);
        events.add(offer(identity, table, runId, parts.ingestionDate(), parts.parts()));
        return new Converted(events, rows, quarantined, false);
    }

    /// Chooses the records that are wanted where not all are.
    private boolean select(FileArrived arrived, Connection connection) throws SQLException, IOException {
        if (arrived.recordsOf() == null) {
            return false;
        }
        inQuarantine.select(connection, arrived.file().source(), arrived.file().table(), arrived.recordsOf());
        return true;
    }

    /// Says in quarantine that what a file brought there is done with: offered together with what comes of it now.
    private static void noteReplay(FileArrived arrived, QuarantineWriter quarantine) {
        if (arrived.replayOf() != null) {
            FileIdentity identity = arrived.file();
            quarantine.add(new QuarantinedRow(
                    identity.source(),
                    identity.table(),
                    new RowPositions(arrived.replayOf()).at(0),
                    identity.path(),
                    null,
                    new byte[0],
                    IngestError.FILES_REPLAYED.code(),
                    "taken in again as file number " + identity.number()));
        }
    }

    private static Map<QuarantineCounts.Kind, Long> counts(QuarantineWriter quarantine) {
        Map<QuarantineCounts.Kind, Long> counts = new HashMap<>(quarantine.counts());
        counts.keySet().removeIf(kind -> kind.code().equals(IngestError.FILES_REPLAYED.code()));
        return counts;
    }

    private static List<String> unknown(List<String> columns, Table table) {
        Set<String> known = table.schema().columns().stream()
                .map(field -> CsvFile.fold(field.name()))
                .collect(Collectors.toSet());
        return columns.stream()
                .filter(column -> !known.contains(CsvFile.fold(column)))
                .toList();
    }

    private static QuarantinedRow bad(
            FileIdentity identity,
            RowPositions positions,
            FileRecords record,
            FileRecords.Misfit misfit,
            Original original)
            throws IOException {
        boolean cut = record.longerThan(QuarantineWriter.MAX_RAW_BYTES);
        String reason = cut ? misfit.reason() + "; the file is kept as " + original.keep() : misfit.reason();
        return new QuarantinedRow(
                identity.source(),
                identity.table(),
                positions.at(record.ordinal()),
                identity.path(),
                record.ordinal(),
                record.raw(QuarantineWriter.MAX_RAW_BYTES),
                misfit.error().code(),
                reason);
    }

    private Converted withoutRecords(FileArrived arrived, Table table) {
        FileIdentity identity = arrived.file();
        String runId = LakeLayout.newRunId();
        RowParts parts = new RowParts(table, runId, identity.path(), new RowPositions(identity.number()), clock);
        if (arrived.replaces() != null) {
            parts.writeReplacement();
        }
        FilesWritten event = offer(identity, table, runId, parts.ingestionDate(), parts.parts());
        return new Converted(List.of(event), 0, Map.of(), false);
    }

    /// Puts a whole file into quarantine, its original kept.
    Converted whole(FileArrived arrived, FileTable definition, @Nullable Path content, IngestError error, String reason)
            throws IOException {
        FileIdentity identity = arrived.file();
        Table table = definition.covering(List.of());
        String kept = content == null ? "" : "; it is kept as " + new Original(identity, content).keep();
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            noteReplay(arrived, quarantine);
            quarantine.add(new QuarantinedRow(
                    identity.source(),
                    identity.table(),
                    new RowPositions(identity.number()).at(0),
                    identity.path(),
                    null,
                    content == null ? new byte[0] : beginning(content),
                    error.code(),
                    "the whole file: " + reason + kept));
            Map<QuarantineCounts.Kind, Long> quarantined = counts(quarantine);
            List<FilesWritten> events = new ArrayList<>();
            quarantine.finish(List.of(), identity).ifPresent(events::add);
            events.add(offer(identity, table, LakeLayout.newRunId(), LocalDate.now(clock), List.of()));
            return new Converted(events, 0, quarantined, true);
        }
    }

    private FilesWritten offer(
            FileIdentity identity, Table table, String runId, LocalDate ingestionDate, List<WrittenFile> files) {
        FilesWritten event =
                FilesWritten.file(runId, identity.table(), table.schema().schemaId(), files, identity);
        RunManifest.write(table.io(), layout, ingestionDate, runId, event);
        return event;
    }

    private static byte[] beginning(Path content) throws IOException {
        try (InputStream in = Files.newInputStream(content)) {
            return in.readNBytes(QuarantineWriter.MAX_RAW_BYTES);
        }
    }

    /// The copy of a file that stays because quarantine holds only part of it.
    private final class Original {
        private final FileIdentity identity;
        private final Path content;
        private @Nullable Path kept;

        Original(FileIdentity identity, Path content) {
            this.identity = identity;
            this.content = content;
        }

        Path keep() throws IOException {
            Path target = kept;
            if (target == null) {
                String name = identity.path().substring(identity.path().lastIndexOf('/') + 1);
                target = quarantineDirectory
                        .resolve(identity.source())
                        .resolve("%08d-%s-%s".formatted(identity.number(), identity.sha256(), name));
                SyncedFiles.copy(content, target);
                kept = target;
            }
            return target;
        }
    }
}
