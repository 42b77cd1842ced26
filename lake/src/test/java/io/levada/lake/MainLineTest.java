package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.TableProperties;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainLineTest {
    private static final TableIdentifier NAME = TableIdentifier.of("raw", "s_t");

    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private Table table;

    @BeforeEach
    void create() {
        catalog.initialize("test", Map.of());
        catalog.createNamespace(Namespace.of("raw"));
        table = catalog.createTable(NAME, new Schema(Types.NestedField.optional(1, "id", Types.LongType.get())));
    }

    @AfterEach
    void close() throws Exception {
        catalog.close();
    }

    private Snapshot commit() {
        return commit("main", Map.of());
    }

    /// Each has a millisecond of its own.
    private Snapshot commit(String branch, Map<String, String> summary) {
        AppendFiles append = table.newAppend().toBranch(branch);
        summary.forEach(append::set);
        append.commit();
        table.refresh();
        Snapshot made = table.snapshot(branch);
        while (System.currentTimeMillis() <= made.timestampMillis()) {
            Thread.onSpinWait();
        }
        return made;
    }

    private void expire(Snapshot... snapshots) {
        for (Snapshot snapshot : snapshots) {
            table.expireSnapshots()
                    .expireOlderThan(0)
                    .expireSnapshotId(snapshot.snapshotId())
                    .cleanExpiredFiles(false)
                    .commit();
        }
        table.refresh();
    }

    private List<Long> line() {
        return MainLine.of(table).snapshots().stream().map(Snapshot::snapshotId).toList();
    }

    @Test
    void goesOnBehindAGap() {
        Snapshot first = commit();
        Snapshot second = commit();
        Snapshot third = commit();
        Snapshot fourth = commit();
        expire(third);

        assertThat(line()).containsExactly(first.snapshotId(), second.snapshotId(), fourth.snapshotId());
        assertThat(MainLine.of(table).isSince(fourth, second)).isTrue();
        assertThat(MainLine.of(table).isSince(second, fourth)).isFalse();
        assertThat(MainLine.of(table).at(Instant.ofEpochMilli(third.timestampMillis())))
                .hasValueSatisfying(found -> assertThat(found.snapshotId()).isEqualTo(second.snapshotId()));
        assertThat(MainLine.of(table).at(Instant.ofEpochMilli(first.timestampMillis() - 1)))
                .isEmpty();
    }

    @Test
    void hasNothingOfOtherBranchesNorWhatWasSetBack() {
        Snapshot first = commit();
        Snapshot fork = commit();
        table.manageSnapshots().createBranch("work", fork.snapshotId()).commit();
        Snapshot work = commit("work", Map.of());
        Snapshot undone = commit();
        table.manageSnapshots().rollbackTo(fork.snapshotId()).commit();
        Snapshot gap = commit();
        Snapshot last = commit();
        assertThat(line()).containsExactly(first.snapshotId(), fork.snapshotId(), gap.snapshotId(), last.snapshotId());

        expire(undone, gap, fork);

        assertThat(line()).containsExactly(first.snapshotId(), last.snapshotId());
        assertThat(MainLine.of(table).isOfAnotherBranch(work)).isTrue();
        assertThat(MainLine.of(table).isSince(work, first)).isFalse();
    }

    @Test
    void findsARewriteOfRowsBehindAGap() {
        Snapshot content = commit();
        Snapshot rewrite =
                commit("main", Map.of(TableProperties.SUMMARY_REWRITE_OF, Long.toString(content.snapshotId())));
        Snapshot gap = commit();
        commit();
        expire(content, gap);

        assertThat(ContentSnapshot.find(table, content.snapshotId()))
                .hasValueSatisfying(found -> assertThat(found.snapshotId()).isEqualTo(rewrite.snapshotId()));
        assertThat(ContentSnapshot.find(table, 5)).isEmpty();
    }

    @Test
    void isEmptyForATableWithoutSnapshots() {
        assertThat(line()).isEmpty();
    }
}
