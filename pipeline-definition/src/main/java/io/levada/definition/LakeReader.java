package io.levada.definition;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `lake:`, which is in a folder or in a bucket.
final class LakeReader {
    private static final Pattern BUCKET =
            Pattern.compile("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()=-]+)*/?");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*(MB|GB|TB)");
    private static final long MEGABYTE = 1024L * 1024;
    private static final long SMALLEST_CACHE_BYTES = 64 * MEGABYTE;

    private final Problems problems;

    LakeReader(Problems problems) {
        this.problems = problems;
    }

    LakeDefinition read(Section lake) {
        Optional<Section.Text> location = lake.text("location");
        if (location.isEmpty() || !DefinitionReader.isRemote(location.get().value())) {
            refuseBucketSettings(lake);
            return location.map(folder -> new LakeDefinition(folder.value())).orElse(LakeDefinition.DEFAULT);
        }
        checkBucket(location.get());
        String bucket = location.get().value();
        return new LakeDefinition(
                bucket.endsWith("/") ? bucket.substring(0, bucket.length() - 1) : bucket,
                new S3SettingsReader(problems).read(lake),
                lake.section("cache").text("size").flatMap(this::size).orElse(LakeDefinition.CACHE_BYTES));
    }

    private void checkBucket(Section.Text location) {
        String scheme = location.value().substring(0, location.value().indexOf("://"));
        if (!scheme.equals("s3")) {
            bad(
                    location,
                    scheme.equals("s3a") || scheme.equals("s3n")
                            ? "write s3:// in place of " + scheme + "://"
                            : scheme + ":// is no storage that Levada can write to; allowed is a folder, or"
                                    + " s3://bucket/prefix of S3 or a server that speaks S3");
        } else if (!BUCKET.matcher(location.value()).matches()) {
            bad(
                    location,
                    "allowed is s3://bucket/prefix: a bucket's name has 3 to 63 of a-z, 0-9, dot and hyphen, and the"
                            + " prefix letters, digits and !_.*'()=- between slashes");
        }
    }

    private void refuseBucketSettings(Section lake) {
        for (String key : List.of("endpoint", "region", "path-style", "cache")) {
            if (lake.has(key)) {
                problems.add(
                        DefinitionCode.BAD_VALUE,
                        lake.lineOf(key),
                        lake.pathOf(key),
                        "The lake is in a folder; `" + key + "` is for a `location` that begins with s3://.");
            }
        }
    }

    private Optional<Long> size(Section.Text text) {
        Matcher matcher = SIZE.matcher(text.value());
        if (matcher.matches()) {
            long unit = switch (matcher.group(2)) {
                case "TB" -> MEGABYTE * 1024 * 1024;
                case "GB" -> MEGABYTE * 1024;
                default -> MEGABYTE;
            };
            long bytes = Long.parseLong(matcher.group(1)) * unit;
            if (bytes >= SMALLEST_CACHE_BYTES) {
                return Optional.of(bytes);
            }
        }
        bad(text, "allowed is a number with MB, GB or TB, from 64MB on, such as 10GB");
        return Optional.empty();
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
