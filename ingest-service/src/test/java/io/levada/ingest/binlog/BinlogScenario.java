package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.BinlogSource;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.Change;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/// What every server with a binary log must do: a table is loaded, and what changes afterwards is published.
final class BinlogScenario {
    /// Made in the source's database before.
    static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, name varchar(20))";

    /// Runs statements in the source's database, each in its own transaction.
    @FunctionalInterface
    interface Statements {
        void run(String... statements) throws SQLException;
    }

    private BinlogScenario() {}

    /// @param source with table `t` only, which is empty
    /// @return the changes
    static List<Change> loadAndChange(CaptureKafka kafka, CopiedFiles loads, BinlogSource source, Statements server)
            throws Exception {
        server.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        SourceCapture capture =
                kafka.captureNow(new BinlogCapture(CaptureKafka.PROJECT, source, kafka.registry(), loads));
        BinlogServers.awaitLoads(capture);

        server.run(
                "INSERT INTO t VALUES (3, 'c')",
                "UPDATE t SET name = 'bb' WHERE id = 2",
                "UPDATE t SET id = 7 WHERE id = 3",
                "DELETE FROM t WHERE id = 1",
                "TRUNCATE TABLE t",
                "INSERT INTO t VALUES (9, 'i')");

        List<Change> changes = kafka.awaitChanges(source, "t", 6);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("id") + " " + row.getField("name") + " " + row.getField("_op"))
                .containsExactly("1 a r", "2 b r");
        assertThat(changes).extracting(Change::op).containsExactly("c", "u", "u", "d", "t", "c");
        assertThat(present(changes.get(2).oldKey()).getField("id")).isEqualTo(3);
        assertThat(present(changes.get(2).after()).getField("id")).isEqualTo(7);
        assertThat(present(changes.get(3).before()).getField("id")).isEqualTo(1);
        assertThat(changes)
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, 6)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
        assertThat(changes).extracting(Change::tx).doesNotHaveDuplicates();
        return changes;
    }

    private static Record present(@Nullable Record row) {
        return Objects.requireNonNull(row);
    }
}
