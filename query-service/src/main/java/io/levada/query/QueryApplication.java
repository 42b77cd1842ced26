package io.levada.query;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/// query-service: SELECTs and named queries over the tables of the lake, and the status of all services.
@SpringBootApplication
@EnableConfigurationProperties(QueryProperties.class)
public class QueryApplication {
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(QueryApplication.class);
        application.setDefaultProperties(Map.of("spring.config.name", "query"));
        application.run(args);
    }
}
