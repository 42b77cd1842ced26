package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.CsvSettings;
import io.levada.definition.QuarantinePolicy;
import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.lake.LakeLayout;
import io.levada.testing.Eventually;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;

class FileQuarantineIT extends FileSourcesFixture {
    private int quarantinesCommitted;

    @Test
    void offersQuarantinedRecordsFirstInTheSameRun() throws Exception {
        put("a.csv", "id,price\n1,2.5\n2\n3,1.0\n");
        FileSources sources = start();
        awaitLanded(sources, 1);
        put("b.csv", "id,price\nx,1.0\n4,1.5\n");
        put("c.csv", "not\u0000csv");
        awaitLanded(sources, 3);

        List<FilesWritten> events = offered();

        assertThat(events.stream().map(FilesWritten::cause))
                .containsExactly(
                        Cause.QUARANTINE, Cause.FILE, Cause.QUARANTINE, Cause.FILE, Cause.QUARANTINE, Cause.FILE);
        assertThat(events.get(0).file()).isEqualTo(events.get(1).file());
        assertThat(ParquetRows.query(rows().subList(0, 2), "SELECT id, price FROM t ORDER BY _pos"))
                .containsExactly("1|2.5", "3|1.0", "4|1.5");
        assertThat(ParquetRows.query(
                        events.stream()
                                .filter(event -> event.cause() == Cause.QUARANTINE)
                                .toList(),
                        "SELECT file, line, code FROM t ORDER BY position"))
                .containsExactly("a.csv|2|FILES-FIELD-COUNT", "b.csv|1|FILES-BAD-VALUE", "c.csv|null|FILES-NOT-CSV");
        assertThat(status(sources).quarantinedRows()).isEqualTo(2);
        assertThat(status(sources).quarantinedFiles()).isEqualTo(1);
    }

    @Test
    void takesQuarantinedRecordsInAgainOnceAfterTheSettingsWereMended() throws Exception {
        put("first.csv", "id,price\n9,1.5\n");
        FileSources first = start();
        awaitLanded(first, 1);
        put("a.csv", "id,price\n1,2.5\n2,\\N\n3,1.0\n4,x\n");
        put("whole.csv", "id;price\n7;\\N\n\u0000");
        awaitLanded(first, 3);
        commitQuarantine();
        first.close();
        csv = new CsvSettings(null, '"', null, List.of(), "\\N", null);
        FileSources second = start();

        String answer = second.replay(name).orElseThrow().get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitLanded(second, 5);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(5));
        commitQuarantine();
        second.replay(name).orElseThrow().get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitLanded(second, 7);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(7));
        commitQuarantine();

        assertThat(answer).isEqualTo("Of " + table() + " the quarantined records of 2 files are taken in again");
        assertThat(ParquetRows.query(rows(), "SELECT _file, id, price, _line FROM t ORDER BY _pos"))
                .containsExactly("first.csv|9|1.5|1", "a.csv|1|2.5|1", "a.csv|3|1.0|3", "a.csv|2|null|2");
        assertThat(new QuarantinedRecords(tables, engine()).open(name, table()))
                .extracting(QuarantinedRecords.InQuarantine::number)
                .containsExactly(6L, 7L);
        assertThat(second.statuses().getFirst().quarantinedRows()).isEqualTo(2);
    }

    @Test
    void stopsAboveTheRateUntilAnOperatorLetsItGoOn() throws Exception {
        quarantine = new QuarantinePolicy(2, 4);
        put("a.csv", "id,price\n1,1.5\n2\n3\n");
        FileSources first = start();
        awaitLanded(first, 1);
        put("b.csv", "id,price\n4\n5,2.5\n");
        Eventually.within(BOUND, () -> assertThat(status(first).state()).isEqualTo(FileSourceStatus.State.PAUSED));
        assertThat(status(first).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("CAPTURE-QUARANTINE-RATE"));
        first.close();
        put("c.csv", "id,price\n6,3.5\n");
        FileSources second = start();
        Eventually.within(BOUND, () -> assertThat(status(second).state()).isEqualTo(FileSourceStatus.State.PAUSED));
        assertThat(status(second).arrived()).isEqualTo(2);

        second.resume(name);

        awaitLanded(second, 3);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "5", "6");
        Eventually.within(BOUND, () -> assertThat(status(second).lastError()).isNull());
    }

    private FileEngine engine() {
        return new FileEngine(
                directory.resolve("scratch"),
                new LakeLayout(directory.resolve("lake").toString()),
                List.of());
    }

    /// Commits what was offered to quarantine since the last time, as the committer does.
    private void commitQuarantine() {
        List<FilesWritten> events = offered().stream()
                .filter(event -> event.cause() == Cause.QUARANTINE)
                .toList();
        Table quarantine = tables.load("raw.quarantine").orElseThrow();
        AppendFiles append = quarantine.newAppend();
        events.stream()
                .skip(quarantinesCommitted)
                .flatMap(event -> event.files().stream())
                .forEach(file -> append.appendFile(DataFiles.builder(quarantine.spec())
                        .withPath(file.path())
                        .withFileSizeInBytes(file.bytes())
                        .withRecordCount(file.rows())
                        .withPartitionPath(file.partition())
                        .build()));
        append.commit();
        quarantinesCommitted = events.size();
    }
}
