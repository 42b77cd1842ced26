package io.levada.local;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// `levada reload`.
@Command(
        name = "reload",
        description =
                "Loads a table of a database source once more; its mirror follows the new load once it is complete.",
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SOURCE", description = "The source's name in levada.yaml.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "TABLE", description = "As levada.yaml, the database or the lake names it.")
    private String table = "";

    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (ServiceClient client = new ServiceClient()) {
            String path = "/v1/sources/" + segment(source) + "/tables/" + segment(table) + "/reload";
            spec.commandLine()
                    .getOut()
                    .println(address.post(client, path, JsonMapper.shared().createObjectNode())
                            .path("message")
                            .asString(""));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
