package io.levada.local;

import org.springframework.context.ApplicationContext;

/// The five services, in the order of their ports.
enum LevadaService {
    QUERY("query", "io.levada.query.QueryApplication"),
    INGEST("ingest", "io.levada.ingest.IngestApplication"),
    CATALOG("catalog", "io.levada.catalog.CatalogApplication"),
    TRANSFORM("transform", "io.levada.transform.TransformApplication"),
    WAREHOUSE("warehouse", "io.levada.warehouse.WarehouseApplication");

    private final String key;
    private final String applicationClass;

    LevadaService(String key, String applicationClass) {
        this.key = key;
        this.applicationClass = applicationClass;
    }

    /// The name of the service's settings file and the prefix of its properties.
    String key() {
        return key;
    }

    String label() {
        return key + "-service";
    }

    /// Whether a context is this service's, by the name that its settings file gives it.
    boolean runsIn(ApplicationContext context) {
        return ("levada-" + key).equals(context.getEnvironment().getProperty("spring.application.name"));
    }

    int portOffset() {
        return ordinal();
    }

    Class<?> application() {
        try {
            return Class.forName(applicationClass);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(label() + " is not on the class path", e);
        }
    }
}
