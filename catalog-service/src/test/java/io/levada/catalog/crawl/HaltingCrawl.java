package io.levada.catalog.crawl;

import io.levada.catalog.CommitStep;
import java.nio.file.Path;

/// Crawls in a process of its own, which ends as by `kill -9` at a moment.
final class HaltingCrawl {
    static final int HALTED = 99;

    private HaltingCrawl() {}

    /// When it ends, while it works on the table that it is told.
    enum Moment {
        /// Some files are in manifests, others are not.
        DESCRIBING,
        /// All manifests are written; the table does not name them.
        BEFORE_COMMIT,
        /// The table names them; nobody was told.
        AFTER_COMMIT
    }

    /// @param arguments the lake's directory, the table, the moment, and how many files it has described then
    public static void main(String[] arguments) throws Exception {
        String table = arguments[1];
        Moment moment = Moment.valueOf(arguments[2]);
        long described = Long.parseLong(arguments[3]);
        try (CrawledLake lake = new CrawledLake(Path.of(arguments[0]))) {
            lake.steps = (step, name) -> {
                if (name.equals(table)
                        && (moment == Moment.BEFORE_COMMIT && step == CommitStep.BEFORE_COMMIT
                                || moment == Moment.AFTER_COMMIT && step == CommitStep.AFTER_COMMIT)) {
                    Runtime.getRuntime().halt(HALTED);
                }
            };
            if (moment == Moment.DESCRIBING) {
                Thread.ofPlatform().daemon().start(() -> haltOnce(lake, table, described));
            }
            lake.crawl();
        }
    }

    private static void haltOnce(CrawledLake lake, String table, long described) {
        while (!lake.progress.state().table().equals(table)
                || lake.progress.state().described() < described) {
            Thread.onSpinWait();
        }
        Runtime.getRuntime().halt(HALTED);
    }
}
