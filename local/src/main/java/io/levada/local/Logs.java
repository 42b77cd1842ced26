package io.levada.local;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Where logs go: to one file that rolls over. The console is for people.
final class Logs {
    private static final String FILE = "levada-logback.xml";
    private static final String CONFIGURATION = "logback.configurationFile";

    private Logs() {}

    /// For commands that only ask something: warnings and errors, to standard error.
    static void keepQuiet() {
        System.setProperty(CONFIGURATION, "levada-quiet-logback.xml");
    }

    /// Whatever made loggers before, such as reading the project, they write to the file from here on. Spring
    /// Boot would set logging up anew for each context, so its own set-up is off.
    static void writeTo(Path folder) {
        System.setProperty("levada.logs", folder.toString());
        System.setProperty(CONFIGURATION, FILE);
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
        loggers.reset();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(loggers);
        try {
            configurator.doConfigure(Objects.requireNonNull(Logs.class.getResource("/" + FILE)));
        } catch (JoranException e) {
            throw new IllegalStateException(FILE + " is no configuration of logs", e);
        }
    }
}
