package io.levada.definition;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads where the files of a source are: `path:` and `s3:`.
final class FilePlaceReader {
    private static final Pattern S3 = Pattern.compile("s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?<key>/.*)?");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]+");

    private final Path directory;
    private final Problems problems;

    FilePlaceReader(Path directory, Problems problems) {
        this.directory = directory;
        this.problems = problems;
    }

    Optional<FilePlace> read(Section section) {
        Optional<Section.Text> path = section.requiredText("path", "the watched folder, or s3://bucket/prefix");
        if (path.isEmpty()) {
            return Optional.empty();
        }
        if (DefinitionReader.isRemote(path.get().value())) {
            return prefix(path.get(), section.section("s3"));
        }
        if (section.has("s3")) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    section.line(),
                    section.pathOf("s3"),
                    "The files are in a folder; `s3:` is for a `path` that begins with s3://.");
        }
        return folder(path.get());
    }

    private Optional<FilePlace> prefix(Section.Text text, Section settings) {
        Matcher location = S3.matcher(text.value());
        if (!location.matches()) {
            bad(text, "allowed is a folder, or s3://bucket/prefix");
            return Optional.empty();
        }
        String key = location.group("key") == null ? "" : location.group("key").substring(1);
        URI endpoint = settings.text("endpoint").map(this::endpoint).orElse(null);
        String region = settings.text("region").map(this::region).orElse(null);
        boolean pathStyle = settings.text("path-style")
                .map(style -> flag(style, endpoint != null))
                .orElse(endpoint != null);
        Duration listEvery = settings.text("list-every")
                .flatMap(every -> new FlushReader(problems).interval(every))
                .orElse(FilePlace.S3Prefix.LIST_EVERY);
        return Optional.of(new FilePlace.S3Prefix(
                location.group("bucket"),
                key.isEmpty() || key.endsWith("/") ? key : key + "/",
                new S3Settings(endpoint, region, pathStyle),
                listEvery,
                new NotificationsReader(problems).read(settings).orElse(null)));
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

    private Optional<FilePlace> folder(Section.Text text) {
        try {
            Path folder = directory.resolve(text.value()).normalize();
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                bad(text, "it is a file; allowed is a folder, whose files are taken in");
            }
            return Optional.of(new FilePlace.Folder(folder));
        } catch (InvalidPathException e) {
            bad(text, "it is no path: " + e.getReason());
            return Optional.empty();
        }
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
