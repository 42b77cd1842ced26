package io.levada.ingest;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/// Captures changes and files, and lands them in the raw layer.
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(IngestProperties.class)
public class IngestApplication {
    /// Starts the service with the settings of `ingest.yaml`, the environment and the command line.
    public static void main(String[] args) {
        System.setProperty("spring.config.name", "ingest");
        SpringApplication.run(IngestApplication.class, args);
    }
}
