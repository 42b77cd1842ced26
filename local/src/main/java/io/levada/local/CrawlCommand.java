package io.levada.local;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada crawl`.
@Command(
        name = "crawl",
        description = "Finds Parquet files below a folder or prefix and registers them as tables, where they lie.",
        mixinStandardHelpOptions = true)
final class CrawlCommand implements Callable<Integer> {
    private static final int POLL_MILLIS = 500;

    @Parameters(
            paramLabel = "LOCATION",
            description =
                    "A folder, as the pipeline's machine sees it; or s3://bucket/prefix, where the lake is in S3.")
    private String location = "";

    @Option(
            names = "--table",
            description = "Makes one table, raw.<name>, of all files. Default: one of each folder that holds files.")
    private @Nullable String table;

    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        try (ServiceClient client = new ServiceClient()) {
            ObjectNode order = JsonMapper.shared().createObjectNode().put("location", absolute());
            if (table != null) {
                order.put("table", table);
            }
            String catalog = address.service(client, "catalog");
            JsonNode crawl = client.post(catalog + "/v1/crawls", order);
            JsonNode shown = JsonMapper.shared().nullNode();
            while (List.of("WAITING", "RUNNING").contains(crawl.path("state").asString(""))) {
                shown = progress(crawl, shown);
                Thread.sleep(POLL_MILLIS);
                crawl = client.get(catalog + "/v1/crawls/" + crawl.path("id").asString(""));
            }
            return ended(crawl);
        }
    }

    /// The pipeline's working directory need not be this one.
    private String absolute() {
        return location.contains("://")
                ? location
                : Path.of(location).toAbsolutePath().normalize().toString();
    }

    private JsonNode progress(JsonNode crawl, JsonNode shown) {
        JsonNode progress = crawl.path("progress");
        if (!progress.equals(shown)) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(
                    crawl.path("state").asString("").equals("WAITING") ? "Waiting for another crawl" : words(progress));
            err.flush();
        }
        return progress;
    }

    private static String words(JsonNode progress) {
        String found = progress.path("found").asString("0");
        String table = progress.path("table").asString("");
        return table.isEmpty()
                ? found + " files found so far"
                : progress.path("inspected").asString("0") + " of " + found + " files looked at, "
                        + progress.path("described").asString("0") + " described, "
                        + progress.path("registered").asString("0") + " registered " + table;
    }

    private int ended(JsonNode crawl) {
        JsonNode failure = crawl.path("failure");
        if (failure.hasNonNull("code")) {
            throw new LocalException(
                    LocalError.CRAWL_FAILED,
                    failure.path("code").asString("") + ": "
                            + failure.path("detail").asString(""),
                    failure.path("nextStep").asString(""));
        }
        JsonNode report = crawl.path("report");
        PrintWriter out = spec.commandLine().getOut();
        TextTable tables =
                new TextTable("table", "location", "registered", "known before", "left out", "rows", "bytes");
        report.path("tables")
                .forEach(made -> tables.row(
                        made.path("table").asString(""),
                        made.path("location").asString(""),
                        made.path("registered").asString("0"),
                        made.path("known").asString("0"),
                        made.path("left").asString("0"),
                        made.path("rows").asString("0"),
                        made.path("bytes").asString("0")));
        if (!tables.isEmpty()) {
            out.print(tables);
        }
        report.path("advice").forEach(advice -> {
            out.println("Files of the format " + advice.path("format").asString("") + " below "
                    + advice.path("path").asString("")
                    + " are taken in through a file source. Write into levada.yaml:");
            out.println(advice.path("yaml").asString(""));
        });
        out.flush();
        return problems(report);
    }

    private int problems(JsonNode report) {
        long count = report.path("problemCount").asLong(0);
        if (count == 0) {
            return 0;
        }
        PrintWriter err = spec.commandLine().getErr();
        report.path("problems")
                .forEach(problem -> err.println(problem.path("code").asString("") + " "
                        + problem.path("path").asString("") + ": "
                        + problem.path("detail").asString("") + ". Next: "
                        + problem.path("nextStep").asString("") + "."));
        err.flush();
        throw new LocalException(
                LocalError.CRAWL_FAILED,
                count + (count == 1 ? " file or folder was" : " files or folders were") + " left out",
                "See the codes above; crawling again repeats nothing");
    }
}
