package io.levada.transform;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/// Computes mirrors and curated tables, and offers them for commit. Its settings are in `transform.yaml`.
@SpringBootApplication
public class TransformApplication {
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(TransformApplication.class);
        application.setDefaultProperties(Map.of("spring.config.name", "transform"));
        application.run(args);
    }
}
