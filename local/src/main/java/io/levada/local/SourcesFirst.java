package io.levada.local;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// Holds ingest-service back until its sources can be read; the other services start meanwhile.
///
/// @param await returns as soon as they can be read
record SourcesFirst(Runnable await) implements ApplicationContextInitializer<GenericApplicationContext> {
    @Override
    public void initialize(GenericApplicationContext context) {
        if (LevadaService.INGEST.runsIn(context)) {
            await.run();
        }
    }
}
