package io.levada.local;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.GenericApplicationContext;

/// Says of each service that it runs, as soon as it does: on a busy machine a start takes a while.
///
/// @param news takes lines from several threads
record StartNews(Consumer<String> news) implements ApplicationContextInitializer<GenericApplicationContext> {
    @Override
    public void initialize(GenericApplicationContext context) {
        context.addApplicationListener(new ApplicationListener<ApplicationReadyEvent>() {
            @Override
            public void onApplicationEvent(ApplicationReadyEvent event) {
                Stream.of(LevadaService.values())
                        .filter(service -> event.getApplicationContext() == context && service.runsIn(context))
                        .forEach(service -> news.accept(service.label() + " runs"));
            }
        });
    }
}
