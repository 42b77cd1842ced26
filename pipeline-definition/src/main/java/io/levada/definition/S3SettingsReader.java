package io.levada.definition;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads how a bucket is reached: `endpoint`, `region` and `path-style` of a section.
final class S3SettingsReader {
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]+");

    private final Problems problems;

    S3SettingsReader(Problems problems) {
        this.problems = problems;
    }

    S3Settings read(Section section) {
        URI endpoint = section.text("endpoint").map(this::endpoint).orElse(null);
        String region = section.text("region").map(this::region).orElse(null);
        boolean pathStyle = section.text("path-style")
                .map(style -> flag(style, endpoint != null))
                .orElse(endpoint != null);
        return new S3Settings(endpoint, region, pathStyle);
    }

    private @Nullable URI endpoint(Section.Text text) {
        try {
            URI endpoint = new URI(text.value());
            boolean plain = endpoint.getUserInfo() == null && endpoint.getQuery() == null && endpoint.getHost() != null;
            if (plain && List.of("http", "https").contains(String.valueOf(endpoint.getScheme()))) {
                return endpoint;
            }
        } catch (URISyntaxException _) {
            // said below
        }
        bad(text, "allowed is http://host:port or https://host:port, without user, password and query");
        return null;
    }

    private @Nullable String region(Section.Text text) {
        if (REGION.matcher(text.value()).matches()) {
            return text.value();
        }
        bad(text, "allowed is the name of a region, such as eu-west-1");
        return null;
    }

    private boolean flag(Section.Text text, boolean byDefault) {
        return switch (text.value()) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                bad(text, "allowed are true, false");
                yield byDefault;
            }
        };
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
