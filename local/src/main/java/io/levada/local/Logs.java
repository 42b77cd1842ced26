package io.levada.local;

import java.nio.file.Path;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Where logs go: to one file that rolls over. The console is for people.
final class Logs {
    private static final String CONFIGURATION = "logback.configurationFile";

    private Logs() {}

    /// For commands that only ask something: warnings and errors, to standard error.
    static void keepQuiet() {
        System.setProperty(CONFIGURATION, "levada-quiet-logback.xml");
    }

    /// Must be called before the first logger is made. Spring Boot would set logging up anew for each context, so its
    /// own set-up is off.
    static void writeTo(Path folder) {
        System.setProperty("levada.logs", folder.toString());
        System.setProperty(CONFIGURATION, "levada-logback.xml");
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
