package io.levada.definition;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
    /// @param listEvery how long it is from one listing to the next, unless notifications make up for it
    /// @param notifications null where objects are found by listing only
    record S3Prefix(
            String bucket,
            String prefix,
            S3Settings settings,
            Duration listEvery,
            @Nullable S3Notifications notifications)
            implements FilePlace {
        public static final Duration LIST_EVERY = Duration.ofSeconds(10);

        public S3Prefix {
            if (!prefix.isEmpty() && !prefix.endsWith("/")) {
                throw new IllegalArgumentException("Prefix " + prefix + " does not end with a slash");
            }
            if (listEvery.isNegative() || listEvery.isZero()) {
                throw new IllegalArgumentException("listEvery is " + listEvery + "; it must be positive");
            }
        }

        /// A prefix whose objects are found by listing only.
        public S3Prefix(String bucket, String prefix, S3Settings settings, Duration listEvery) {
            this(bucket, prefix, settings, listEvery, null);
        }

        @Override
        public String text() {
            return "s3://" + bucket + "/" + prefix;
        }
    }
}
