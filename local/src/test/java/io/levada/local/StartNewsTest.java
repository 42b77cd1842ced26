package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class StartNewsTest {
    @Test
    void namesTheServiceOnceItIsReady() {
        List<String> said = new ArrayList<>();
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("service", Map.of("spring.application.name", "levada-query")));
            new StartNews(said::add).initialize(context);
            context.refresh();
            assertThat(said).isEmpty();

            context.publishEvent(
                    new ApplicationReadyEvent(new SpringApplication(), new String[0], context, Duration.ZERO));
        }

        assertThat(said).containsExactly("query-service runs");
    }
}
