package io.levada.local;

import io.levada.broker.EmbeddedBroker;
import io.levada.definition.PipelineDefinition;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// A whole pipeline in this JVM: the broker and the five services.
final class LocalPipeline implements AutoCloseable {
    private final EmbeddedBroker broker;
    private final ServiceContexts services;

    private LocalPipeline(EmbeddedBroker broker, ServiceContexts services) {
        this.broker = broker;
        this.services = services;
    }

    /// Starts everything and returns once all services answer.
    ///
    /// @param initializers applied to every service's context before it starts
    /// @throws LocalException where a part does not start; what runs is stopped then
    static LocalPipeline start(
            PipelineDefinition definition,
            DataDirectory data,
            LocalPorts ports,
            boolean once,
            List<ApplicationContextInitializer<GenericApplicationContext>> initializers) {
        ports.requireFree();
        List<Integer> brokerPorts = LocalPorts.unused(2);
        EmbeddedBroker broker = EmbeddedBroker.start(data.folder("kafka"), brokerPorts.get(0), brokerPorts.get(1));
        ServiceContexts services = new ServiceContexts(
                definition,
                new ServiceSettings(definition, data, ports, broker.bootstrapServers(), once),
                initializers);
        try {
            services.start();
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
        return new LocalPipeline(broker, services);
    }

    /// Starts services anew with another definition; see [ServiceContexts#apply].
    boolean apply(PipelineDefinition next, Set<LevadaService> affected, CountDownLatch stop) {
        return services.apply(next, affected, stop);
    }

    /// Stops the services in their order, then the broker.
    @Override
    public void close() {
        services.close();
        broker.close();
    }
}
