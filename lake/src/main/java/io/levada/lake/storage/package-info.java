/// Where the lake's files are kept: folders, or buckets of S3.
@NullMarked
package io.levada.lake.storage;

import org.jspecify.annotations.NullMarked;
