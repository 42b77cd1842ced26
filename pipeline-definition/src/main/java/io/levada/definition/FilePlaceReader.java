package io.levada.definition;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads where the files of a source are: `path:` and `s3:`.
final class FilePlaceReader {
    private static final Pattern S3 = Pattern.compile("s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?<key>/.*)?");

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
        Duration listEvery = settings.text("list-every")
                .flatMap(every -> new FlushReader(problems).interval(every))
                .orElse(FilePlace.S3Prefix.LIST_EVERY);
        return Optional.of(new FilePlace.S3Prefix(
                location.group("bucket"),
                key.isEmpty() || key.endsWith("/") ? key : key + "/",
                new S3SettingsReader(problems).read(settings),
                listEvery,
                new NotificationsReader(problems).read(settings).orElse(null)));
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
