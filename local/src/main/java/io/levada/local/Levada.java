package io.levada.local;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The `levada` command.
@Command(
        name = "levada",
        description = "Changes from databases and files, exactly once, into a lake and a warehouse.",
        mixinStandardHelpOptions = true,
        versionProvider = Levada.Version.class,
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            ValidateCommand.class,
            QueryCommand.class,
            StatusCommand.class,
            SourceCommand.class,
            ReloadCommand.class,
            QuarantineCommand.class,
            CrawlCommand.class,
            MaintainCommand.class,
            EraseCommand.class,
            HistoryCommand.class
        })
public final class Levada implements Runnable {
    @Spec
    private CommandSpec spec;

    Levada() {
        this.spec = CommandSpec.create();
    }

    public static void main(String[] args) {
        Logs.keepQuiet();
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Levada())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Levada::report);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof LocalException e) {
            PrintWriter err = command.getErr();
            err.println(e.error().code() + " " + e.getMessage());
            if (!e.nextStep().isEmpty()) {
                err.println("Next: " + e.nextStep() + (e.nextStep().endsWith(".") ? "" : "."));
            }
            err.flush();
            return e.error().exitCode();
        }
        throw failure;
    }

    /// The version in the jar's manifest.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Levada.class.getPackage().getImplementationVersion();
            return new String[] {"levada " + (version == null ? "(unpackaged)" : version)};
        }
    }
}
