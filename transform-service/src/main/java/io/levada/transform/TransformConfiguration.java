package io.levada.transform;

import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Secret;
import io.levada.definition.SelectInspector;
import io.levada.events.FilesRefused;
import io.levada.events.TableCommitted;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.LocalCopies;
import io.levada.lake.storage.Staging;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.SelectGate;
import io.levada.sql.SelectVerdict;
import io.levada.transform.derived.KafkaOffers;
import io.levada.transform.derived.TransformEngine;
import io.levada.transform.derived.TransformLoop;
import io.levada.transform.derived.TransformTiming;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.Message;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TransformProperties.class)
class TransformConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(TransformConfiguration.class);

    @Bean
    @ConditionalOnMissingBean
    TransformSteps transformSteps() {
        return TransformSteps.NONE;
    }

    @Bean
    @ConditionalOnMissingBean
    TransformTiming transformTiming() {
        return TransformTiming.DEFAULT;
    }

    @Bean
    @ConditionalOnMissingBean
    LakeTables lakeTables(TransformProperties properties, PipelineDefinition definition) {
        return new ConnectingLake(
                properties.catalogUri(),
                definition.tokens().own().map(Secret::value).orElse(null),
                folder(properties, "uploads"));
    }

    @Bean
    @ConditionalOnMissingBean
    LocalCopies localCopies(TransformProperties properties) {
        return LocalCopies.in(folder(properties, "cache"), properties.cacheBytes())
                .droppingUnused();
    }

    private static Path folder(TransformProperties properties, String name) {
        return properties.dataDirectory().toAbsolutePath().resolve("transform").resolve(name);
    }

    /// Reads `levada.yaml`, where no definition is given.
    @Bean
    @ConditionalOnMissingBean
    PipelineDefinition pipelineDefinition(TransformProperties properties) throws SQLException {
        Path directory = properties.projectDirectory();
        if (directory == null) {
            throw new IllegalStateException("levada.transform.project-directory is needed to read levada.yaml");
        }
        try (SelectGate gate = SelectGate.open()) {
            SelectInspector inspector = sql -> switch (gate.inspect(sql)) {
                case SelectVerdict.Accepted accepted ->
                    new SelectInspector.Inspection.Select(
                            accepted.tables(), !accepted.past().isEmpty());
                case SelectVerdict.Refused refused -> new SelectInspector.Inspection.Refused(refused.reason());
            };
            return DefinitionReader.read(directory, System::getenv, inspector).orThrow();
        }
    }

    /// Up while tables are looked at; that a catalog or Kafka is away is shown per table in status.
    @Bean
    HealthIndicator transformLoopHealthIndicator(TransformLoop loop) {
        return () -> (loop.running() ? Health.up() : Health.down()).build();
    }

    @Bean(initMethod = "start")
    TransformLoop transformLoop(
            TransformProperties properties,
            PipelineDefinition definition,
            LakeTables lake,
            LocalCopies copies,
            TransformSteps steps,
            TransformTiming timing,
            MeterRegistry registry)
            throws IOException {
        Path spill = folder(properties, "spill");
        Path results = folder(properties, "results");
        Staging.begin(results);
        Files.createDirectories(spill);
        LakeLayout layout = new LakeLayout(properties.lakeLocation());
        return new TransformLoop(
                definition,
                lake,
                layout,
                new TransformEngine(
                        new DuckDbSettings(
                                properties.memoryMegabytes(),
                                properties.threads(),
                                spill,
                                List.of(copies.readable(layout.root()), results)),
                        copies,
                        results),
                new KafkaOffers(properties.kafkaBootstrapServers()),
                steps,
                timing,
                registry);
    }

    @Bean
    Consumer<Message<byte[]>> transformTableCommitted(TransformLoop loop) {
        return message -> {
            try {
                loop.committed(JsonMapper.shared()
                        .readValue(message.getPayload(), TableCommitted.class)
                        .table());
            } catch (JacksonException e) {
                notUnderstood("TableCommitted", loop, e);
            }
        };
    }

    @Bean
    Consumer<Message<byte[]>> transformFilesRefused(TransformLoop loop) {
        return message -> {
            try {
                loop.refused(JsonMapper.shared().readValue(message.getPayload(), FilesRefused.class));
            } catch (JacksonException e) {
                notUnderstood("FilesRefused", loop, e);
            }
        };
    }

    private static void notUnderstood(String event, TransformLoop loop, JacksonException e) {
        LOG.atWarn()
                .addKeyValue("event", event)
                .log("An event was not understood; every table is looked at: {}", e.getOriginalMessage());
        loop.lookAtEverything();
    }
}
