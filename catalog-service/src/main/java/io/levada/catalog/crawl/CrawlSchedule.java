package io.levada.catalog.crawl;

import io.levada.definition.CrawlDefinition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Begins the definition's crawls: each at the start, and then again and again. They can be exchanged while the service
/// runs.
///
/// Safe for use by several threads.
public final class CrawlSchedule implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(CrawlSchedule.class);

    private final Crawls crawls;
    private final Map<CrawlDefinition, ScheduledFuture<?>> scheduled = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("levada-crawl-clock-", 0).daemon().factory());
    private Map<String, CrawlDefinition> definition;
    private boolean running;

    CrawlSchedule(Crawls crawls, Map<String, CrawlDefinition> definition) {
        this.crawls = crawls;
        this.definition = Map.copyOf(definition);
        clock.setRemoveOnCancelPolicy(true);
    }

    /// Begins these from now on, and no others. One that runs goes on.
    public synchronized void replace(Map<String, CrawlDefinition> next) {
        definition = Map.copyOf(next);
        if (running) {
            schedule();
        }
    }

    private void schedule() {
        scheduled.entrySet().removeIf(entry -> {
            boolean gone = !definition.containsValue(entry.getKey());
            if (gone) {
                entry.getValue().cancel(false);
            }
            return gone;
        });
        for (CrawlDefinition crawl : definition.values()) {
            scheduled.computeIfAbsent(
                    crawl,
                    _ -> clock.scheduleWithFixedDelay(
                            () -> begin(crawl), 0, crawl.every().toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    private void begin(CrawlDefinition crawl) {
        try {
            crawls.begin(crawl.location(), crawl.table());
        } catch (CrawlRefused e) {
            LOG.atWarn()
                    .addKeyValue("errorCode", e.code())
                    .addKeyValue("table", crawl.table())
                    .log("Crawl {} can not begin: {}", crawl.name(), e.detail());
        } catch (RuntimeException e) {
            // An exception would end the schedule.
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("table", crawl.table())
                    .log("Crawl {} could not begin; it is tried again", crawl.name());
        }
    }

    @Override
    public synchronized void start() {
        running = true;
        schedule();
    }

    @Override
    public void stop() {
        synchronized (this) {
            running = false;
        }
        clock.shutdownNow();
        try {
            if (!clock.awaitTermination(Duration.ofSeconds(10).toSeconds(), TimeUnit.SECONDS)) {
                LOG.atWarn().log("The clock of crawls did not end within 10 s");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }
}
