package io.levada.local;

import io.levada.catalog.crawl.CrawlSchedule;
import io.levada.catalog.maintenance.MaintenanceLoop;
import io.levada.catalog.retention.RawRetention;
import io.levada.definition.PipelineDefinition;
import io.levada.ingest.RunningSources;
import io.levada.lake.storage.LocalCopies;
import io.levada.query.api.NamedQueries;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/// The five services as sibling Spring contexts in this JVM: the same wiring as in production, each with its own
/// settings file, properties and port.
final class ServiceContexts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServiceContexts.class);

    /// Ingest first, so that nothing new comes in; the catalog last, since all others ask it.
    private static final List<LevadaService> SHUTDOWN_ORDER = List.of(
            LevadaService.INGEST,
            LevadaService.TRANSFORM,
            LevadaService.WAREHOUSE,
            LevadaService.QUERY,
            LevadaService.CATALOG);

    private final Map<LevadaService, ConfigurableApplicationContext> running = new EnumMap<>(LevadaService.class);
    private volatile PipelineDefinition definition;

    /// One for all services, since they read the same files.
    private final LocalCopies copies;

    private final ServiceSettings settings;
    private final List<ApplicationContextInitializer<GenericApplicationContext>> initializers;

    /// @param initializers applied to every context before it starts, such as a test's listeners
    ServiceContexts(
            PipelineDefinition definition,
            ServiceSettings settings,
            List<ApplicationContextInitializer<GenericApplicationContext>> initializers) {
        this.definition = definition;
        this.settings = settings;
        this.copies = LocalCopies.in(
                        settings.data().folder("cache"), definition.lake().cacheBytes())
                .droppingUnused();
        this.initializers = List.copyOf(initializers);
    }

    /// Starts catalog-service, on which the others call, and then the others at once.
    ///
    /// @throws LocalException where one of them does not start; those that run are stopped then
    void start() {
        try {
            start(LevadaService.CATALOG);
            start(EnumSet.complementOf(EnumSet.of(LevadaService.CATALOG)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Starts services anew with another definition; ingest-service takes its sources over as it runs,
    /// query-service its queries and catalog-service its crawls.
    ///
    /// @param services those that have to start anew for what differs, never catalog-service
    /// @param stop where it is counted down, nothing is started any more
    /// @return false where nothing was started because of `stop`
    /// @throws LocalException where one of them, or a source, does not start; the others run then
    boolean apply(PipelineDefinition next, Set<LevadaService> services, CountDownLatch stop) {
        SHUTDOWN_ORDER.stream().filter(services::contains).forEach(this::close);
        if (stop.getCount() == 0) {
            return false;
        }
        definition = next;
        start(services);
        running(LevadaService.QUERY)
                .ifPresent(query -> query.getBean(NamedQueries.class).replace(next.queries()));
        running(LevadaService.CATALOG).ifPresent(catalog -> {
            catalog.getBean(CrawlSchedule.class).replace(next.crawls());
            catalog.getBean(MaintenanceLoop.class).replace(next.maintenance());
            catalog.getBean(RawRetention.class).replace(next.raw());
        });
        running(LevadaService.INGEST).ifPresent(ingest -> replaceSources(ingest, next));
        return true;
    }

    private static void replaceSources(ConfigurableApplicationContext ingest, PipelineDefinition next) {
        try {
            ingest.getBean(RunningSources.class).replace(next);
        } catch (RuntimeException e) {
            throw new LocalException(
                    LocalError.START_FAILED,
                    LevadaService.INGEST.label() + " did not take the sources over: " + e.getMessage(),
                    "Look into levada.log; where the cause is not yours, report it with that file",
                    e);
        }
    }

    private Optional<ConfigurableApplicationContext> running(LevadaService service) {
        synchronized (running) {
            return Optional.ofNullable(running.get(service));
        }
    }

    private void start(Set<LevadaService> services) {
        try (ExecutorService starters = Executors.newFixedThreadPool(
                LevadaService.values().length,
                Thread.ofPlatform().name("levada-start-", 0).factory())) {
            CompletableFuture.allOf(services.stream()
                            .map(service -> CompletableFuture.runAsync(() -> start(service), starters))
                            .toArray(CompletableFuture[]::new))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof LocalException failed ? failed : e;
        }
    }

    private void start(LevadaService service) {
        SpringApplicationBuilder builder = new SpringApplicationBuilder(service.application())
                .main(service.application())
                .registerShutdownHook(false)
                .initializers(new DefinitionBean(definition))
                .initializers(new CopiesBean(copies));
        initializers.forEach(builder::initializers);
        try {
            ConfigurableApplicationContext context = builder.run(settings.arguments(service));
            synchronized (running) {
                running.put(service, context);
            }
        } catch (LocalException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new LocalException(
                    LocalError.START_FAILED,
                    service.label() + " did not start: " + e.getMessage(),
                    "Look into levada.log; where the cause is not yours, report it with that file",
                    e);
        }
    }

    /// Gives each context the definition that was read once, in place of reading the project directory itself.
    private record DefinitionBean(PipelineDefinition definition)
            implements ApplicationContextInitializer<GenericApplicationContext> {
        @Override
        public void initialize(GenericApplicationContext context) {
            context.registerBean(PipelineDefinition.class, () -> definition);
        }
    }

    /// Gives each context the same local copies of a bucket's files.
    private record CopiesBean(LocalCopies copies) implements ApplicationContextInitializer<GenericApplicationContext> {
        @Override
        public void initialize(GenericApplicationContext context) {
            context.registerBean(LocalCopies.class, () -> copies);
        }
    }

    @Override
    public void close() {
        SHUTDOWN_ORDER.forEach(this::close);
    }

    private void close(LevadaService service) {
        ConfigurableApplicationContext context;
        synchronized (running) {
            context = running.remove(service);
        }
        if (context != null) {
            close(service, context);
        }
    }

    private static void close(LevadaService service, ConfigurableApplicationContext context) {
        try {
            context.close();
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("service", service.label()).setCause(e).log("A service did not stop cleanly");
        }
    }
}
