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
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Turns one arrived file into Parquet and quarantined rows. Whatever the file holds, every record of it is in one of
/// the two, and the outcome is an event that advances the table's file number.
final class FileConversion {
    /// Below this a second writer costs more than it gives.
    private static final long LARGE_BYTES = 8L * 1024 * 1024;

    private static final int LANES = 2;

    private final Tables tables;
    private final LakeLayout layout;
    private final Path quarantineDirectory;
    private final int maxRecordBytes;
    private final long partBytes;
    private final LandingSteps steps;
    private final Clock clock;

    FileConversion(
            Tables tables,
            LakeLayout layout,
            Path quarantineDirectory,
            int maxRecordBytes,
            long partBytes,
            LandingSteps steps,
            Clock clock) {
        this.tables = tables;
        this.layout = layout;
        this.quarantineDirectory = quarantineDirectory;
        this.maxRecordBytes = maxRecordBytes;
        this.partBytes = partBytes;
        this.steps = steps;
        this.clock = clock;
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
        return switch (CsvFile.open(content, path, maxRecordBytes)) {
            case CsvFile.Blank _ -> withoutRows(arrived, definition.covering(List.of()));
            case CsvFile.Rejected rejected -> whole(arrived, definition, content, rejected.error(), rejected.reason());
            case CsvFile.Readable(CsvFile file) -> {
                try (file) {
                    Table table = definition.covering(List.of(new FileTable.Content(content, path)));
                    yield readable(arrived, definition, content, file, table);
                }
            }
        };
    }

    private Converted readable(FileArrived arrived, FileTable definition, Path content, CsvFile file, Table table)
            throws IOException {
        if (!covers(table, file)) {
            return whole(arrived, definition, content, IngestError.FILES_NOT_CSV, "its gzip stream is damaged");
        }
        try {
            return rows(arrived, content, file, table, RowParsers.of(file.header(), table, definition));
        } catch (IOException e) {
            if (CsvFile.damaged(e)) {
                return whole(arrived, definition, content, IngestError.FILES_NOT_CSV, "its gzip stream is damaged");
            }
            throw e;
        }
    }

    /// A file that turned out damaged while its columns were inferred adds none.
    private static boolean covers(Table table, CsvFile file) {
        List<String> columns = table.schema().columns().stream()
                .map(field -> CsvFile.fold(field.name()))
                .toList();
        return file.header().stream().map(CsvFile::fold).allMatch(columns::contains);
    }

    private Converted rows(FileArrived arrived, Path content, CsvFile file, Table table, RowParsers parsers)
            throws IOException {
        FileIdentity identity = arrived.file();
        String runId = LakeLayout.newRunId();
        RowFiles.RowPositions positions = new RowFiles.RowPositions(identity.number());
        CsvRecords records = file.records();
        try (RowLanes rows = lanes(table, runId, identity.path(), positions, Files.size(content));
                QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            Original original = new Original(identity, content);
            @Nullable Object[] values = rows.values();
            while (records.next()) {
                long line = records.number() - 1;
                RowParsers.Misfit misfit = parsers.parse(records, values);
                if (misfit == null) {
                    rows.add(values, line, records.rawLength());
                    values = rows.values();
                } else {
                    quarantine.add(bad(identity, positions.at(line), line, records, misfit, original));
                }
            }
            Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
            List<WrittenFile> written = rows.finish();
            steps.reached(LandingStep.FILE_CLOSED, identity.table());
            List<FilesWritten> events = new ArrayList<>();
            quarantine.finish(List.of(), identity).ifPresent(events::add);
            events.add(offer(identity, table, runId, rows.ingestionDate(), written));
            return new Converted(events, rows.rows(), quarantined, false);
        }
    }

    private RowLanes lanes(Table table, String runId, String path, RowFiles.RowPositions positions, long contentBytes) {
        int count = contentBytes < LARGE_BYTES ? 1 : LANES;
        AtomicInteger parts = new AtomicInteger();
        List<RowFiles> writers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writers.add(new RowFiles(table, runId, path, positions, parts, partBytes, clock));
        }
        return new RowLanes(writers, table.schema().columns().size());
    }

    private static QuarantinedRow bad(
            FileIdentity identity,
            String position,
            long line,
            CsvRecords records,
            RowParsers.Misfit misfit,
            Original original)
            throws IOException {
        boolean cut =
                records.flaw() == CsvRecords.Flaw.TOO_LONG || records.rawLength() > QuarantineWriter.MAX_RAW_BYTES;
        String reason = cut ? misfit.reason() + "; the file is kept as " + original.keep() : misfit.reason();
        return new QuarantinedRow(
                identity.source(),
                identity.table(),
                position,
                identity.path(),
                line,
                records.raw(QuarantineWriter.MAX_RAW_BYTES),
                misfit.error().code(),
                reason);
    }

    private Converted withoutRows(FileArrived arrived, Table table) {
        FilesWritten event = offer(arrived.file(), table, LakeLayout.newRunId(), LocalDate.now(clock), List.of());
        return new Converted(List.of(event), 0, Map.of(), false);
    }

    /// Puts a whole file into quarantine, its original kept.
    Converted whole(FileArrived arrived, FileTable definition, @Nullable Path content, IngestError error, String reason)
            throws IOException {
        FileIdentity identity = arrived.file();
        Table table = definition.covering(List.of());
        String kept = content == null ? "" : "; it is kept as " + new Original(identity, content).keep();
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            quarantine.add(new QuarantinedRow(
                    identity.source(),
                    identity.table(),
                    new RowFiles.RowPositions(identity.number()).at(0),
                    identity.path(),
                    null,
                    content == null ? new byte[0] : beginning(content),
                    error.code(),
                    "the whole file: " + reason + kept));
            Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
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
