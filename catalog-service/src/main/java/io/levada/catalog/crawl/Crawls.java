package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.LakeFileIO;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The crawls of this service: one runs at a time, a few wait, and the last ones are remembered.
///
/// Safe for use by several threads.
final class Crawls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Crawls.class);
    private static final int WAITING = 100;
    private static final int REMEMBERED = 50;

    private final Catalog catalog;
    private final String lake;
    private final LakeFileIO buckets;
    private final CommitSteps steps;
    private final SnapshotAnnouncer announcer;
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().name("levada-crawl-", 0).daemon().factory());

    /// @param lake its location
    /// @param buckets reads those that the lake's credentials and endpoint reach; closed with this
    Crawls(Catalog catalog, String lake, LakeFileIO buckets, CommitSteps steps, SnapshotAnnouncer announcer) {
        this.catalog = catalog;
        this.lake = lake;
        this.buckets = buckets;
        this.steps = steps;
        this.announcer = announcer;
        thread.allowCoreThreadTimeOut(true);
    }

    /// @param state `WAITING`, `RUNNING`, `DONE` or `FAILED`
    /// @param report what came of it, null until it is done
    /// @param failure why it failed
    record CrawlStatus(
            String id,
            String location,
            @Nullable String table,
            String state,
            Instant begunAt,
            @Nullable Instant endedAt,
            Progress.State progress,
            @Nullable CrawlReport report,
            CrawlReport.@Nullable Problem failure) {}

    private static final class Run {
        private final String id = UUID.randomUUID().toString();
        private final CrawlLocation location;
        private final @Nullable String table;
        private final Instant begunAt = Instant.now();
        private final Progress progress = new Progress();
        private String state = "WAITING";
        private @Nullable Instant endedAt;
        private @Nullable CrawlReport report;
        private CrawlReport.@Nullable Problem failure;

        Run(CrawlLocation location, @Nullable String table) {
            this.location = location;
            this.table = table;
        }

        synchronized void begin() {
            state = "RUNNING";
        }

        synchronized void done(CrawlReport what) {
            state = "DONE";
            report = what;
            endedAt = Instant.now();
        }

        synchronized void failed(CatalogError code, String detail) {
            state = "FAILED";
            failure = new CrawlReport.Problem(code.name(), location.root(), detail, code.nextStep());
            endedAt = Instant.now();
        }

        synchronized boolean ended() {
            return endedAt != null;
        }

        synchronized CrawlStatus status() {
            return new CrawlStatus(
                    id, location.root(), table, state, begunAt, endedAt, progress.state(), report, failure);
        }
    }

    /// Takes a crawl in; where the same one waits or runs, that one is meant.
    ///
    /// @param table `raw.<name>` or `<name>` for all files together, or null
    /// @throws CrawlRefused where nothing can be crawled there
    CrawlStatus begin(String written, @Nullable String table) {
        CrawlLocation location = CrawlLocation.of(written, lake, buckets);
        String name = table == null ? null : CrawlLocation.requireTable(table);
        synchronized (runs) {
            Optional<Run> same = runs.values().stream()
                    .filter(run -> !run.ended()
                            && run.location.root().equals(location.root())
                            && Objects.equals(run.table, name))
                    .findFirst();
            if (same.isPresent()) {
                return same.get().status();
            }
            Run run = new Run(location, name);
            try {
                thread.execute(() -> run(run));
            } catch (RejectedExecutionException _) {
                throw new CrawlRefused(
                        CatalogError.STORAGE_UNAVAILABLE, WAITING + " crawls wait already; this one is not taken");
            }
            runs.put(run.id, run);
            forgetOldest();
            return run.status();
        }
    }

    private void forgetOldest() {
        List<String> ended =
                runs.values().stream().filter(Run::ended).map(run -> run.id).toList();
        ended.stream().limit(Math.max(0, runs.size() - REMEMBERED)).forEach(runs::remove);
    }

    private void run(Run run) {
        run.begin();
        try {
            CrawlReport report = new Crawl(
                            catalog, new LakeLayout(lake), steps, announcer, run.location, run.table, run.progress)
                    .run();
            if (report.problemCount() > 0) {
                LOG.atWarn()
                        .addKeyValue("errorCode", report.problems().getFirst().code())
                        .addKeyValue("location", run.location.root())
                        .addKeyValue("problems", report.problemCount())
                        .log("A crawl left files out; GET /v1/crawls/{} names them", run.id);
            }
            run.done(report);
        } catch (CrawlRefused e) {
            run.failed(e.code(), e.detail());
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("errorCode", CatalogError.CRAWL_FAILED)
                    .addKeyValue("location", run.location.root())
                    .log("A crawl failed");
            run.failed(CatalogError.CRAWL_FAILED, String.valueOf(e));
        }
    }

    Optional<CrawlStatus> find(String id) {
        synchronized (runs) {
            return Optional.ofNullable(runs.get(id)).map(Run::status);
        }
    }

    /// Newest first.
    List<CrawlStatus> all() {
        synchronized (runs) {
            List<CrawlStatus> all = new ArrayList<>();
            runs.values().forEach(run -> all.add(run.status()));
            return all.reversed();
        }
    }

    /// Ends; what is not committed yet is found again by the next crawl.
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS)) {
                LOG.atWarn().log("A crawl did not end within 30 s");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        buckets.close();
    }
}
