package io.levada.definition;

import java.nio.file.Path;
import java.time.Duration;

/// Where the files of a source are.
public sealed interface FilePlace {
    /// As people write it.
    String text();

    /// A folder and all below it.
    ///
    /// @param path absolute
    record Folder(Path path) implements FilePlace {
        @Override
        public String text() {
            return path.toString();
        }
    }

    /// The objects of a bucket whose keys begin with a prefix.
    ///
    /// @param prefix empty, or ends with `/`
    /// @param listEvery how long it is from one listing to the next
    record S3Prefix(String bucket, String prefix, S3Settings settings, Duration listEvery) implements FilePlace {
        public static final Duration LIST_EVERY = Duration.ofSeconds(10);

        public S3Prefix {
            if (!prefix.isEmpty() && !prefix.endsWith("/")) {
                throw new IllegalArgumentException("Prefix " + prefix + " does not end with a slash");
            }
            if (listEvery.isNegative() || listEvery.isZero()) {
                throw new IllegalArgumentException("listEvery is " + listEvery + "; it must be positive");
            }
        }

        @Override
        public String text() {
            return "s3://" + bucket + "/" + prefix;
        }
    }
}
