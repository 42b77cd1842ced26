package io.levada.warehouse;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/// warehouse-service: keeps tables of the warehouse equal to tables of the lake, and answers SELECTs
/// over them.
@SpringBootApplication
@EnableConfigurationProperties(WarehouseProperties.class)
public class WarehouseApplication {
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(WarehouseApplication.class);
        application.setDefaultProperties(Map.of("spring.config.name", "warehouse"));
        application.run(args);
    }
}
