package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.time.Duration;
import java.util.List;

/// Writes to the sources of a [ShopProject], each in a thread of its own: [SourceWorkload] to the database,
/// [FolderWorkload] to the folder.
final class ShopWorkload implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration LAST_STEP = Duration.ofSeconds(30);

    private final SourceWorkload changes;
    private final FolderWorkload drops;
    private final List<Thread> writers;

    /// @param transactions that it does in all, as far as they are [allowed][#allow], and small ones beside them
    ShopWorkload(EmbeddedPostgresServer postgres, ShopProject project, long seed, int transactions) {
        changes = new SourceWorkload(postgres, ShopProject.DATABASE, seed, transactions);
        drops = new FolderWorkload(project.inbox(), seed);
        writers = List.of(
                Thread.ofPlatform().name("workload").unstarted(changes),
                Thread.ofPlatform().name("drops").unstarted(drops));
    }

    void start() {
        writers.forEach(Thread::start);
    }

    /// Lets it do its first `count` transactions.
    void allow(int count) {
        changes.allow(count);
    }

    /// Waits until it has done everything, and ends it.
    ///
    /// @return the rows of all files
    int finish() throws InterruptedException {
        changes.finish();
        drops.stop();
        for (Thread writer : writers) {
            writer.join(LONGEST);
        }
        changes.requireNoFailure();
        return drops.rows();
    }

    /// Transactions so far.
    long done() {
        return changes.done();
    }

    @Override
    public void close() throws InterruptedException {
        changes.stop();
        drops.stop();
        for (Thread writer : writers) {
            if (writer.isAlive()) {
                writer.join(LAST_STEP);
            }
        }
    }
}
